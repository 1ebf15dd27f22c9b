//! Receives webhooks with axum:
//! `EASEMOB_WEBHOOK_SECRET=… cargo run --features webhooks --example webhooks_axum`.

// Features: webhooks
#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use common::webhooks::{Inbox, MAX_BODY, Rejected, address};
use tokio::net::TcpListener;

async fn receive(State(inbox): State<Arc<Inbox>>, body: Bytes) -> Result<Response, Rejected> {
    Ok(match inbox.accept(&body)? {
        Some(decision) => Json(decision).into_response(),
        None => "ok".into_response(),
    })
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Verify(_) => StatusCode::UNAUTHORIZED,
            Self::Parse(_) => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, self.to_string()).into_response()
    }
}

#[tokio::main]
async fn main() -> common::Outcome {
    let app = Router::new()
        .route("/webhooks", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(Inbox::from_env()?));
    let listener = TcpListener::bind(address()?).await?;
    println!("listening on http://{}/webhooks", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
