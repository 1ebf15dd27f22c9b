//! Diagrams as SVG: boxes one below the other, each connected to its parent, and lines between them at the right.
//!
//! No two boxes share a row, so texts of any length do not overlap, and a phone shows the diagram in full width.
//! The diagram has a background colour, since an image does not follow the theme of the page around it.

use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::render::markdown::one_line;

/// A diagram, drawn from top to bottom.
pub(super) struct Diagram {
    /// The text alternative of the image.
    pub(super) title: String,
    pub(super) description: String,
    pub(super) nodes: Vec<Node>,
    pub(super) lines: Vec<Line>,
}

/// A box.
pub(super) struct Node {
    /// The index of the parent, which comes before the box.
    pub(super) parent: Option<usize>,
    /// Whether the box is indented by one step from its parent.
    pub(super) is_indented: bool,
    /// The label of the connection to the parent.
    pub(super) label: String,
    pub(super) title: String,
    /// A line of code below the title; may be empty.
    pub(super) code: String,
}

/// A line between two boxes, or from a box to itself.
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: String,
}

const MARGIN: u32 = 16;
const INDENT: u32 = 32;
/// The maximum depth of indentation; deeper boxes are not indented further.
const MAX_DEPTH: u32 = 8;
const PADDING: u32 = 12;
/// The distance of the connections to children from the left side of the parent.
const STEM: u32 = 16;
const GAP: u32 = 26;
const TITLE_SIZE: u32 = 15;
const LABEL_SIZE: u32 = 12;
/// The height that the end of a line and its label need.
const SLOT: u32 = 20;
/// The distance between the vertical parts of two lines.
const LANE: u32 = 14;

const STYLE: &str = "text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','PingFang SC','Microsoft YaHei',\
    'Noto Sans CJK SC',sans-serif}.t{font-size:15px;font-weight:600;fill:#17324d}.c{font-size:12px;fill:#37506b;\
    font-family:ui-monospace,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace}.l{font-size:12px;fill:#4a5b6c}\
    .r{font-size:12px;fill:#8a4510}.b{fill:#eaf2fb;stroke:#4a7ab5}.s{fill:none;stroke:#7f93a8;stroke-width:1.5}\
    .a{fill:none;stroke:#b5662a;stroke-width:1.5}";

/// The position and size of a box.
struct Rect {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

impl Rect {
    fn right(&self) -> u32 {
        self.x + self.width
    }

    fn bottom(&self) -> u32 {
        self.y + self.height
    }

    /// Returns the y coordinate of one of the slots at the side, where lines end.
    fn slot(&self, slot: u32, slots: u32) -> u32 {
        self.y + (self.height - slots * SLOT) / 2 + slot * SLOT + SLOT / 2 + 3
    }
}

/// The route of a line: the slots at the right sides of its boxes, and the lane of its vertical part.
#[derive(Default)]
struct Route {
    from: u32,
    to: u32,
    lane: u32,
}

impl Diagram {
    /// Returns the diagram as SVG.
    pub(super) fn svg(&self) -> String {
        let (routes, slots) = self.route();
        let rects = self.layout(&slots);
        let lanes = self.lanes_start(&rects, &slots);
        let count = u32::try_from(routes.len()).unwrap_or_default();
        let end = if count == 0 { lanes } else { lanes + (count - 1) * LANE };
        let labels_end = self.nodes.iter().zip(&rects).map(|(node, rect)| {
            let label_x = rect.x + if node.is_indented { 0 } else { STEM + 8 };
            label_x + width(&node.label, LABEL_SIZE)
        });
        let full_width = labels_end.max().unwrap_or_default().max(end) + MARGIN;
        let full_height = rects.last().map_or(0, Rect::bottom) + MARGIN;
        let mut out = head(full_width, full_height, &self.title, &self.description);
        for (node, rect) in self.nodes.iter().zip(&rects) {
            if let Some(parent) = node.parent.and_then(|parent| rects.get(parent)) {
                draw_stem(&mut out, node, parent, rect);
            }
            draw_box(&mut out, node, rect);
        }
        for (line, route) in self.lines.iter().zip(&routes) {
            let (from, to) = (&rects[line.from], &rects[line.to]);
            let (y1, y2) = (
                from.slot(route.from, slots[line.from]),
                to.slot(route.to, slots[line.to]),
            );
            draw_line(
                &mut out,
                line,
                (from.right(), y1),
                (to.right(), y2),
                lanes + route.lane * LANE,
                lanes,
            );
        }
        out + "</svg>\n"
    }

    /// Returns the route of each line, and the number of slots of each box.
    fn route(&self) -> (Vec<Route>, Vec<u32>) {
        let mut routes: Vec<Route> = self.lines.iter().map(|_| Route::default()).collect();
        let mut order: Vec<usize> = (0..self.lines.len()).collect();
        // Short lines get the inner lanes, so that fewer lines cross.
        order.sort_by_key(|index| self.lines[*index].from.abs_diff(self.lines[*index].to));
        for (lane, index) in (0..).zip(order) {
            routes[index].lane = lane;
        }
        let slots = (0..self.nodes.len()).map(|node| self.take_slots(node, &mut routes));
        let slots = slots.collect();
        (routes, slots)
    }

    /// Orders the ends of the lines at a box such that few lines cross, and returns their number.
    fn take_slots(&self, node: usize, routes: &mut [Route]) -> u32 {
        let mut ends = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let lane = i64::from(routes[index].lane);
            let mut end = |other: usize, is_start: bool| {
                // Lines from above are ordered from the inner lane to the outer one, lines from below the other way round.
                let rank = match other.cmp(&node) {
                    Ordering::Less => (0, lane),
                    Ordering::Equal => (1, 0),
                    Ordering::Greater => (2, -lane),
                };
                ends.push((rank, index, is_start));
            };
            if line.from == node {
                end(line.to, true);
            }
            if line.to == node {
                end(line.from, false);
            }
        }
        ends.sort_by_key(|(rank, index, is_start)| (*rank, *index, !is_start));
        let mut count = 0;
        for (_, index, is_start) in ends {
            let route = &mut routes[index];
            *(if is_start { &mut route.from } else { &mut route.to }) = count;
            count += 1;
        }
        count
    }

    fn layout(&self, slots: &[u32]) -> Vec<Rect> {
        let mut rects: Vec<Rect> = Vec::with_capacity(self.nodes.len());
        let mut y = MARGIN;
        for (node, slots) in self.nodes.iter().zip(slots) {
            let parent = node.parent.and_then(|parent| rects.get(parent));
            let step = if node.is_indented { INDENT } else { 0 };
            let x = parent
                .map_or(MARGIN, |parent| parent.x + step)
                .min(MARGIN + MAX_DEPTH * INDENT);
            if parent.is_some() {
                y += GAP;
            }
            // Bold letters are wider.
            let title = width(&node.title, TITLE_SIZE) * 11 / 10;
            let words = title.max(width(&node.code, LABEL_SIZE));
            let min_height = if node.code.is_empty() { 36 } else { 54 };
            let rect = Rect {
                x,
                y,
                width: words + 2 * PADDING,
                height: min_height.max(slots * SLOT + 8),
            };
            y = rect.bottom();
            rects.push(rect);
        }
        rects
    }

    /// Returns the x coordinate of the first lane, which is to the right of every box and of the labels of the lines.
    fn lanes_start(&self, rects: &[Rect], slots: &[u32]) -> u32 {
        let sides = rects.iter().zip(slots).filter(|(_, slots)| **slots > 0);
        let labels = self
            .lines
            .iter()
            .map(|line| rects[line.to].right() + width(&line.label, LABEL_SIZE) + 24);
        let behind = sides.map(|(rect, _)| rect.right() + 24).chain(labels).max();
        behind
            .unwrap_or_default()
            .max(rects.iter().map(Rect::right).max().unwrap_or_default())
    }
}

fn head(width: u32, height: u32, title: &str, description: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#7f93a8\"/></marker><marker id=\"a\" viewBox=\"0 0 8 8\" \
         refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" \
         fill=\"#b5662a\"/></marker></defs>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#ffffff\"/>\n",
        escape(title),
        escape(description),
    )
}

fn draw_box(out: &mut String, node: &Node, rect: &Rect) {
    let Rect { x, y, width, height } = *rect;
    let middle = y + height / 2;
    let title_y = if node.code.is_empty() { middle + 5 } else { middle - 4 };
    out.push_str(&format!(
        "<rect class=\"b\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n"
    ));
    draw_text(out, "t", x + PADDING, title_y, &node.title);
    draw_text(out, "c", x + PADDING, middle + 15, &node.code);
}

/// Draws the connection from the parent of a box: down, and to the right if the box is indented.
fn draw_stem(out: &mut String, node: &Node, parent: &Rect, rect: &Rect) {
    let (x, top, middle) = (parent.x + STEM, parent.bottom(), rect.y + rect.height / 2);
    let path = if rect.x > parent.x {
        format!("M{x} {top}V{middle}H{}", rect.x)
    } else {
        format!("M{x} {top}V{}", rect.y)
    };
    let label_x = if rect.x > parent.x { rect.x } else { x + 8 };
    out.push_str(&format!("<path class=\"s\" d=\"{path}\" marker-end=\"url(#s)\"/>\n"));
    draw_text(out, "l", label_x, rect.y - 8, &node.label);
}

/// Draws a line from the right side of a box, through a lane, to the right side of another.
fn draw_line(out: &mut String, line: &Line, from: (u32, u32), to: (u32, u32), turn: u32, lanes: u32) {
    let ((x1, y1), (x2, y2)) = (from, to);
    out.push_str(&format!(
        "<path class=\"a\" d=\"M{x1} {y1}H{turn}V{y2}H{x2}\" marker-end=\"url(#a)\"/>\n"
    ));
    let start = lanes.saturating_sub(width(&line.label, LABEL_SIZE) + 8);
    draw_text(out, "r", start.max(x2 + 10), y2.saturating_sub(4), &line.label);
}

fn draw_text(out: &mut String, class: &str, x: u32, y: u32, text: &str) {
    let text = escape(text);
    if !text.is_empty() {
        out.push_str(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>\n"));
    }
}

/// Estimates the width of a text. Fonts differ, so the estimate is on the large side.
fn width(text: &str, size: u32) -> u32 {
    let hundredths: u32 = one_line(text)
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | '|' | '\'' => 40,
            'm' | 'w' | 'M' | 'W' | '@' => 95,
            c if c.is_ascii_uppercase() || c == '_' => 72,
            c if c.is_ascii() => 62,
            _ => 104,
        })
        .fold(0, u32::saturating_add);
    hundredths.saturating_mul(size) / 100 + 1
}

/// Escapes a text for use between tags, and joins its lines.
fn escape(text: &str) -> String {
    one_line(text).chars().fold(String::new(), |mut out, c| {
        // Writing to a string cannot fail.
        let _ = match c {
            '&' => write!(out, "&amp;"),
            '<' => write!(out, "&lt;"),
            '>' => write!(out, "&gt;"),
            // XML does not allow these characters.
            '\u{fffe}' | '\u{ffff}' => write!(out, "\u{fffd}"),
            c => write!(out, "{c}"),
        };
        out
    })
}
