fn main() {
    let sources = generator::source::SourceSet::load(std::path::Path::new("spec")).unwrap();
    let api = generator::lower::load(&sources, &["en", "zh"]).map_err(|l| println!("{}", generator::diagnostic::Diagnostics::new(&sources, l))).unwrap();
    let start = std::time::Instant::now();
    let files = generator::render::client::render(&api);
    eprintln!("client {:?} {} files {} bytes", start.elapsed(), files.len(), files.iter().map(|f| f.contents.len()).sum::<usize>());
    let start = std::time::Instant::now();
    let open = generator::render::openapi::render(&api);
    eprintln!("openapi {:?} {} bytes", start.elapsed(), open.iter().map(|f| f.contents.len()).sum::<usize>());
    let root = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    for f in files.into_iter().chain(open) {
        let p = root.join(&f.path);
        std::fs::create_dir_all(p.parent().unwrap()).unwrap();
        std::fs::write(p, f.contents).unwrap();
    }
}
