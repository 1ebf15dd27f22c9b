//! Clients of several apps with shared connections.

#![cfg(feature = "client")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/script.rs"]
mod script;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use easemob::{Client, Error, RetryPolicy};
use script::{Act, Script};
use support::{Seen, Server, json_response};

/// Issues a token for each app and rejects those of other apps.
async fn server() -> Server {
    Server::with(|seen: &Seen| {
        let app = seen.path().rsplit_once('/').map_or("", |(app, _)| app);
        if seen.path().ends_with("/token") {
            let sent: serde_json::Value = serde_json::from_slice(&seen.body).expect("JSON");
            let id = &sent["client_id"];
            let lifetime = r#""expires_in":3600"#;
            return json_response(
                200,
                format!(
                    r#"{{"access_token":"{app} {}",{lifetime}}}"#,
                    id.as_str().expect("an ID")
                ),
            );
        }
        let token = format!("Bearer {app} id-of{}", app.replace('/', "-"));
        if seen.header("authorization") == token {
            json_response(200, r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#)
        } else {
            json_response(401, r#"{"error":"unauthorized"}"#)
        }
    })
    .await
}

fn client(server: &Server) -> Client {
    support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .credentials("id-of-acme-support", "s")
        .build()
        .expect("a client")
}

/// Proxies are set by an environment variable, which a test cannot set for itself: it starts itself as a new process.
#[tokio::test]
async fn plain_http_does_not_use_the_proxy_of_another_app() -> Result<(), Error> {
    const PROXY: &str = "EASEMOB_TEST_PROXY";
    let Ok(proxy) = std::env::var(PROXY) else {
        let proxy = Server::replay(200, "{}").await;
        let mut test = std::process::Command::new(std::env::current_exe().expect("this program"));
        test.args(["--exact", "plain_http_does_not_use_the_proxy_of_another_app"]);
        for name in [PROXY, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            test.env(name, proxy.url());
        }
        test.env_remove("NO_PROXY").env_remove("no_proxy");
        let ran = tokio::task::spawn_blocking(move || test.output())
            .await
            .expect("no panic");
        let ran = ran.expect("it runs");
        let printed = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && printed.contains("1 passed"), "{printed}");
        assert!(proxy.seen().is_empty(), "{:?}", proxy.seen());
        return Ok(());
    };
    assert!(!proxy.is_empty());
    let server = server().await;
    let first = support::over!(Client::builder("acme", "support"))
        .base_url("https://a.example")
        .token("t")
        .build()?;
    let another = first.another("acme", "support").base_url(server.url());
    another
        .credentials("id-of-acme-support", "s")
        .build()?
        .users()
        .create("alice")
        .await?;
    Ok(())
}

#[tokio::test]
async fn tokens_of_apps_do_not_mix() -> Result<(), Error> {
    let server = server().await;
    let first = client(&server);
    let mut apps = vec![first.clone()];
    for (org, app) in [("acme", "sales"), ("other", "support")] {
        let id = format!("id-of-{org}-{app}");
        let app = first.another(org, app).credentials(id, "s");
        apps.push(app.build()?);
    }
    for _ in 0..3 {
        for app in &apps {
            app.users().create("alice").await?;
        }
    }
    for (org, app) in [("acme", "support"), ("acme", "sales"), ("other", "support")] {
        assert_eq!(server.count(&format!("/{org}/{app}/token")), 1);
        assert_eq!(server.count(&format!("/{org}/{app}/users")), 3);
    }
    Ok(())
}

#[tokio::test]
async fn another_app_does_not_inherit_credentials() -> Result<(), Error> {
    let server = server().await;
    let first = client(&server);
    first.users().create("alice").await?;
    let other = first.another("acme", "sales").build()?;
    let seen = server.seen().len();
    let error = other.users().create("alice").await.expect_err("no token");
    assert!(error.to_string().starts_with("the client has no token"), "{error}");
    assert_eq!(server.seen().len(), seen);
    Ok(())
}

/// Another client copies the limits of the first one and counts for itself.
#[tokio::test]
async fn apps_have_the_same_limits() -> Result<(), Error> {
    let server = Server::replay(503, "down").await;
    let builder = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy();
    let builder = builder.token("t").retry_budget(0, 0).timeout(Duration::from_secs(5));
    #[cfg(feature = "rate-limit")]
    let builder = builder.rate_limits({
        let one = easemob::RateLimit::per_minute(1, "calls");
        easemob::RateLimits::new().set("users.get", one)
    });
    let first = builder.build()?;
    let other = first.another("acme", "sales").token("t").build()?;
    for client in [first, other] {
        let error = client.users().get("alice").await.expect_err("down");
        assert_eq!(error.attempts(), 1, "{error}");
        let error = client.users().get("alice").await.expect_err("down");
        assert_eq!(error.is_rate_limited(), cfg!(feature = "rate-limit"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn another_app_may_have_a_shorter_timeout() -> Result<(), Error> {
    let server = Script::run(|_, _| Act::Delay(Duration::from_secs(1), Box::new(Act::ok("{}")))).await;
    let first = support::over!(Client::builder("acme", "support"))
        .base_url(server.url())
        .no_proxy()
        .build()?;
    let hasty = first
        .another("acme", "support")
        .read_timeout(Duration::from_millis(100));
    let hasty = hasty.token("t").retry(RetryPolicy::off()).build()?;
    let error = hasty.users().get("alice").await.expect_err("too late");
    assert!(error.is_timeout(), "{error}");
    Ok(())
}

#[tokio::test]
async fn apps_share_connections() -> Result<(), Error> {
    let peers: Arc<std::sync::Mutex<BTreeSet<u16>>> = Arc::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let record = Arc::clone(&peers);
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            record.lock().expect("no panic").insert(peer.port());
            tokio::spawn(serve(stream));
        }
    });
    let first = support::over!(Client::builder("acme", "support"))
        .base_url(format!("http://{address}"))
        .no_proxy()
        .token("t")
        .build()?;
    for app in ["a", "b", "c"] {
        let client = first.another("acme", app).token("t").build()?;
        client.users().create("alice").await?;
    }
    assert_eq!(peers.lock().expect("no panic").len(), 1);
    Ok(())
}

/// Responds to every request on a connection.
async fn serve(stream: tokio::net::TcpStream) {
    let service = hyper::service::service_fn(|_| async {
        let body = r#"{"entities":[{"uuid":"u1","username":"alice"}]}"#;
        Ok::<_, std::convert::Infallible>(json_response(200, body))
    });
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(hyper_util::rt::TokioIo::new(stream), service)
        .await;
}
