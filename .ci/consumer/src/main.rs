//! Uses the packaged crate as an external project: sends a request, then runs an example of the package. Both use a loopback server.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use easemob::Client;

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || respond_to_all(&stream));
        }
    });

    let client = Client::builder("acme", "support")
        .base_url(&url)
        .no_proxy()
        .token("t1")
        .build_blocking()?;
    let users = client.users().list().iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(users.len(), 2);

    let example = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--offline",
            "--package",
            "easemob",
            "--example",
            "list_users",
        ])
        .env("EASEMOB_ORG", "acme")
        .env("EASEMOB_APP", "support")
        .env("EASEMOB_CLIENT_ID", "id")
        .env("EASEMOB_CLIENT_SECRET", "secret")
        .env("EASEMOB_BASE_URL", url)
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1")
        .output()?;
    let printed = String::from_utf8_lossy(&example.stdout);
    print!("{printed}{}", String::from_utf8_lossy(&example.stderr));
    assert!(example.status.success() && printed.contains("2 users"));
    Ok(())
}

/// Responds to the requests on a connection until it is closed.
fn respond_to_all(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut start = String::new();
        if reader.read_line(&mut start).ok()? == 0 {
            return None;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new()).ok()?;
        let body = if start.contains("/token") {
            r#"{"access_token":"t1","expires_in":3600,"application":"a1"}"#
        } else {
            r#"{"entities":[{"uuid":"u1","username":"alice"},{"uuid":"u2","username":"bob"}]}"#
        };
        let mut writer = stream;
        write!(
            writer,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
    }
}
