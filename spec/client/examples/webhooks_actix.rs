//! Receives webhooks with Actix Web:
//! `EASEMOB_WEBHOOK_SECRET=… cargo run --features webhooks --example webhooks_actix`.

// Features: webhooks
#![allow(clippy::print_stdout, reason = "examples print their results")]

mod common;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer, ResponseError, post};
use common::webhooks::{Inbox, MAX_BODY, Rejected, address};

#[post("/webhooks")]
async fn receive(inbox: Data<Inbox>, body: Bytes) -> Result<HttpResponse, Rejected> {
    Ok(match inbox.accept(&body)? {
        Some(decision) => HttpResponse::Ok().json(decision),
        None => HttpResponse::Ok().body("ok"),
    })
}

impl ResponseError for Rejected {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Verify(_) => StatusCode::UNAUTHORIZED,
            Self::Parse(_) => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

#[actix_web::main]
async fn main() -> common::Outcome {
    let inbox = Data::new(Inbox::from_env()?);
    let app = move || {
        App::new()
            .app_data(inbox.clone())
            .app_data(PayloadConfig::new(MAX_BODY))
            .service(receive)
    };
    let server = HttpServer::new(app).bind(address()?)?;
    for address in server.addrs() {
        println!("listening on http://{address}/webhooks");
    }
    server.run().await?;
    Ok(())
}
