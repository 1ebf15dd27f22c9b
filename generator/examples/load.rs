fn main() {
    let sources = generator::source::SourceSet::load(std::path::Path::new("spec")).unwrap();
    match generator::lower::load(&sources, &["en", "zh"]) {
        Ok(api) => println!("{} sections, {} types, {} routes", api.sections.len(), api.types.len(), api.routes.len()),
        Err(list) => print!("{}", generator::diagnostic::Diagnostics::new(&sources, list)),
    }
}
