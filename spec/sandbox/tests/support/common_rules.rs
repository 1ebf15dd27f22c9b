//! Rules of all operations.

use easemob_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::world::{NOW, Outcome, USERS, World, refused};

#[tokio::test]
async fn an_unknown_app_is_an_error() {
    let world = World::new().await;
    let url = format!("{}/nobody/nothing/users", world.sandbox.url());
    let response = world
        .http
        .get(url)
        .bearer_auth(&world.token)
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), 404);
    let error: Value = serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(error["error"], "organization_application_not_found");
}

#[tokio::test]
async fn apps_do_not_share_anything() {
    let builder = Sandbox::builder()
        .app(["acme", "support"], ["one", "secret"])
        .app(["acme", "sales"], ["two", "secret"]);
    let world = World::without_spaces(builder).await;
    let other = world.sandbox.client_of(&world.sandbox.apps()[1]).expect("a client");
    refused(other.users().get("alice").await, 404, "service_resource_not_found");
    let foreign = other
        .tokens()
        .create_app_token("two", "secret")
        .await
        .expect("a token")
        .access_token;
    let (status, error) = world.raw_with("GET", "/users", Some(foreign.expose()), "", None).await;
    assert_eq!((status, &error["error"]), (401, &"auth_bad_access_token".into()));
}

#[tokio::test]
async fn an_unknown_path_is_an_error() {
    let world = World::new().await;
    world.raw_refused("GET", "/nothing", None, 500, "web_application").await;
}

#[tokio::test]
async fn an_unknown_method_is_an_error() {
    let world = World::new().await;
    world
        .raw_refused("PATCH", "/users", json!({}), 500, "unsupported_service_operation")
        .await;
}

#[tokio::test]
async fn a_token_is_required() {
    let world = World::new().await;
    for (method, path) in [("GET", "/users"), ("GET", "/chatgroups"), ("DELETE", "/users/alice")] {
        let (status, error) = world.raw_with(method, path, None, "", None).await;
        assert_eq!(
            (status, &error["error"]),
            (401, &"unauthorized".into()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_token_expires() {
    let world = World::new().await;
    let grant = json!({
        "grant_type": "client_credentials", "ttl": 60,
        "client_id": world.sandbox.apps()[0].credentials[0], "client_secret": world.sandbox.apps()[0].credentials[1],
    });
    let (_, granted) = world.raw("POST", "/token", grant).await;
    let token = granted["access_token"].as_str();
    assert_eq!(granted["expires_in"], 60);
    assert_eq!(world.raw_with("GET", "/users", token, "", None).await.0, 200);
    world.advance(61);
    let (status, error) = world.raw_with("GET", "/users", token, "", None).await;
    assert_eq!((status, &error["error"]), (401, &"unauthorized".into()));
    world.raw("GET", "/users", None).await;
    world.sandbox.expire_tokens();
    world.raw_refused("GET", "/users", None, 401, "unauthorized").await;
}

#[tokio::test]
async fn a_damaged_token_is_an_error() {
    let world = World::new().await;
    let (status, error) = world.raw_with("GET", "/users", Some("damaged"), "", None).await;
    assert_eq!((status, &error["error"]), (401, &"auth_bad_access_token".into()));
}

#[tokio::test]
async fn too_many_calls_of_one_operation_are_an_error() {
    let world = World::without_spaces(Sandbox::builder().rate_limits(true)).await;
    let list = "/users/alice/joined_chatrooms";
    let mut statuses = Vec::new();
    for _ in 0..51 {
        statuses.push(world.raw("GET", list, None).await.0);
    }
    assert_eq!((statuses[49], statuses[50]), (200, 429));
    world.raw_refused("GET", list, None, 429, "reach_limit").await;
    assert_eq!(
        world.raw("GET", "/users/alice", None).await.0,
        200,
        "each operation has its own counter"
    );
    world.advance(1);
    assert_eq!(world.raw("GET", list, None).await.0, 200);
}

#[tokio::test]
async fn a_body_must_be_json() {
    let world = World::new().await;
    for (method, path, code) in [
        ("POST", "/chatgroups", "json_parse"),
        ("POST", "/users", "json_parse"),
        ("POST", "/thread", "param_illegal"),
    ] {
        let body = Some("{\"a\": ".to_owned());
        let (status, error) = world
            .raw_with(method, path, Some(&world.token), "application/json", body)
            .await;
        assert_eq!((status, &error["error"]), (400, &code.into()), "{path}");
    }
}

#[tokio::test]
async fn a_body_must_be_an_object_even_if_all_fields_are_optional() {
    let world = World::new().await;
    for body in [json!([null]), json!("text"), Value::Null] {
        let settings = "/users/alice/notification/user/bob";
        assert_eq!(world.raw("PUT", settings, body.clone()).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn the_content_type_must_fit() {
    let world = World::new().await;
    let body = Some("owner=alice".to_owned());
    let (status, error) = world
        .raw_with("POST", "/chatgroups", Some(&world.token), "text/plain", body)
        .await;
    assert_eq!((status, &error["error"]), (415, &"web_application".into()));
}

#[tokio::test]
async fn an_unknown_user_in_the_path_is_an_error() {
    let world = World::new().await;
    for path in [
        "/users/nobody",
        "/users/nobody/joined_chatgroups",
        "/users/nobody/joined_chatrooms",
    ] {
        world
            .raw_refused("GET", path, None, 404, "service_resource_not_found")
            .await;
    }
    world
        .raw_refused("DELETE", "/users/nobody", None, 404, "service_resource_not_found")
        .await;
}

#[tokio::test]
async fn an_unknown_user_in_a_call_on_a_group_or_room_is_an_error() {
    let world = World::new().await;
    for space in world.both() {
        let before = space.view(&USERS).await.expect("a view");
        refused(space.add("nobody").await, 404, "resource_not_found");
        refused(space.add_many(&["dave", "nobody"]).await, 404, "resource_not_found");
        refused(space.remove("nobody").await, 404, "resource_not_found");
        refused(space.add_admin("nobody").await, 404, "resource_not_found");
        refused(space.remove_admin("nobody").await, 404, "resource_not_found");
        refused(space.block("nobody").await, 404, "resource_not_found");
        refused(space.unblock("nobody").await, 404, "resource_not_found");
        refused(space.allow("nobody").await, 404, "resource_not_found");
        refused(space.mute(&["bob", "nobody"], 60).await, 404, "resource_not_found");
        refused(space.unmute(&["nobody"]).await, 404, "resource_not_found");
        space.changed(&before, |_| {}).await.expect("a view");
    }
}

#[tokio::test]
async fn an_unknown_group_or_room_in_a_read_is_an_error() {
    let world = World::new().await;
    for path in ["/chatgroups/1/users", "/chatrooms/1/users", "/chatrooms/1"] {
        world
            .raw_refused("GET", path, None, 404, "service_resource_not_found")
            .await;
    }
    for (space, segments) in [
        (
            "/chatgroups/1",
            ["", "/admin", "/blocks/users", "/white/users", "/mute"],
        ),
        (
            "/chatrooms/1",
            ["/announcement", "/admin", "/blocks/users", "/white/users", "/mute"],
        ),
    ] {
        for segment in segments {
            world
                .raw_refused("GET", &format!("{space}{segment}"), None, 404, "resource_not_found")
                .await;
        }
    }
}

#[tokio::test]
async fn an_unknown_group_or_room_in_a_write_is_an_error() {
    let world = World::new().await;
    for mut space in world.both() {
        space.id = "1".to_owned();
        let both = ["bob", "carol"];
        refused(space.add("bob").await, 404, "resource_not_found");
        refused(space.add_many(&both).await, 404, "resource_not_found");
        refused(space.remove("bob").await, 404, "resource_not_found");
        refused(space.remove_many(&both).await, 404, "resource_not_found");
        refused(space.add_admin("bob").await, 404, "resource_not_found");
        refused(space.remove_admin("bob").await, 404, "resource_not_found");
        refused(space.block("bob").await, 404, "resource_not_found");
        refused(space.block_many(&both).await, 404, "resource_not_found");
        refused(space.unblock("bob").await, 404, "resource_not_found");
        refused(space.unblock_many(&both).await, 404, "resource_not_found");
        refused(space.allow("bob").await, 404, "resource_not_found");
        refused(space.allow_many(&both).await, 404, "resource_not_found");
        refused(space.disallow(&both).await, 404, "resource_not_found");
        refused(space.mute(&both, 60).await, 404, "resource_not_found");
        refused(space.unmute(&both).await, 404, "resource_not_found");
        refused(space.mute_all().await, 404, "resource_not_found");
        refused(space.unmute_all().await, 404, "resource_not_found");
        refused(space.delete().await, 404, "resource_not_found");
    }
    let client = &world.client;
    refused(client.groups().update("1").name("a").await, 404, "resource_not_found");
    refused(
        client.group_members().transfer("1", "bob").await,
        404,
        "resource_not_found",
    );
    refused(
        client.chatrooms().update("1").name("a").await,
        404,
        "resource_not_found",
    );
    refused(
        client.chatrooms().update_announcement("1", "a").await,
        404,
        "resource_not_found",
    );
}

#[tokio::test]
async fn an_unknown_thread_is_an_error() {
    let World { client, .. } = &World::new().await;
    refused(client.threads().update("1", "a").await, 404, "group_error");
    refused(client.threads().delete("1").await, 404, "group_error");
    refused(client.thread_members().list("1").await, 404, "group_error");
    refused(client.thread_members().add("1", ["bob"]).await, 404, "group_error");
    refused(client.thread_members().remove("1", ["bob"]).await, 404, "group_error");
}

#[tokio::test]
async fn a_page_size_above_the_maximum_is_cut() {
    let world = World::new().await;
    for path in [
        "/chatgroups?limit=5000".to_owned(),
        "/chatrooms?limit=5000".to_owned(),
        "/users/alice/joined_chatgroups?pagenum=1&pagesize=5000".to_owned(),
        "/users/alice/joined_chatrooms?pagenum=1&pagesize=5000".to_owned(),
        format!("/chatgroups/{}/users?pagenum=1&pagesize=5000", world.group),
        format!("/chatrooms/{}/users?pagenum=1&pagesize=5000", world.room),
    ] {
        assert_eq!(world.raw("GET", &path, None).await.0, 200, "{path}");
    }
    for index in 0..25 {
        let group = world
            .client
            .groups()
            .create("erin", false)
            .name(format!("{index}"))
            .await;
        assert!(group.is_ok());
    }
    let (_, page) = world
        .raw("GET", "/users/erin/joined_chatgroups?pagenum=2&pagesize=20", None)
        .await;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn a_page_size_or_number_below_1_is_an_error() {
    let world = World::new().await;
    for path in [
        "/users?limit=0".to_owned(),
        "/chatgroups?limit=-5".to_owned(),
        "/users/alice/joined_chatgroups?pagenum=0&pagesize=1".to_owned(),
        format!("/chatgroups/{}/users?pagenum=1&pagesize=0", world.group),
    ] {
        world.raw_refused("GET", &path, None, 400, "illegal_argument").await;
    }
}

#[tokio::test]
async fn an_integer_may_have_a_fraction_of_zero() {
    let world = World::new().await;
    let path = format!("/chatgroups/{}/mute", world.group);
    let mute = |number: &str| format!("{{\"usernames\": [\"bob\"], \"mute_duration\": {number}}}");
    for (number, milliseconds) in [("60000.0", 60_000), ("6e4", 60_000), ("-1.0", -1)] {
        let token = Some(world.token.as_str());
        let (status, muted) = world
            .raw_with("POST", &path, token, "application/json", Some(mute(number)))
            .await;
        let end = if milliseconds < 0 {
            4_638_873_600_000
        } else {
            NOW + milliseconds
        };
        assert_eq!(
            (status, &muted["data"][0]["expire"]),
            (200, &end.into()),
            "{number}: {muted}"
        );
    }
    for number in ["0.5", "1e300", "-9223372036854775809"] {
        let body: Value = serde_json::from_str(&mute(number)).expect("JSON");
        world.raw_refused("POST", &path, body, 400, "invalid_parameter").await;
    }
}

#[tokio::test]
async fn a_limit_of_threads_above_50_is_an_error() {
    let world = World::new().await;
    let thread = world.thread("bob").await.expect("a thread");
    for path in [
        "/thread".to_owned(),
        "/threads/user/bob".to_owned(),
        format!("/threads/chatgroups/{}/user/bob", world.group),
        format!("/thread/{thread}/users"),
    ] {
        world
            .raw_refused("GET", &format!("{path}?limit=51"), None, 400, "group_error")
            .await;
        assert_eq!(
            world.raw("GET", &format!("{path}?limit=50"), None).await.0,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_past_the_end_is_empty() {
    let world = World::new().await;
    for path in [
        format!("/chatgroups/{}/users?pagenum=9&pagesize=2", world.group),
        format!("/chatrooms/{}/users?pagenum=9&pagesize=2", world.room),
        "/users/alice/joined_chatgroups?pagenum=9&pagesize=2".to_owned(),
    ] {
        let (status, page) = world.raw("GET", &path, None).await;
        assert_eq!(
            (status, &page["data"], &page["count"]),
            (200, &json!([]), &json!(0)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_last_page_of_a_cursor_list_has_no_cursor() -> Outcome {
    let world = World::new().await;
    for name in ["two", "three"] {
        world.client.groups().create("alice", false).name(name).await?;
        world.client.chatrooms().create(name, "", "alice").await?;
    }
    for list in ["/chatgroups", "/chatrooms"] {
        let (_, first) = world.raw("GET", &format!("{list}?limit=2"), None).await;
        let cursor = first["cursor"].as_str().expect("a cursor");
        assert_eq!(first["data"].as_array().map(Vec::len), Some(2));
        let (_, last) = world.raw("GET", &format!("{list}?limit=2&cursor={cursor}"), None).await;
        assert_eq!(last["cursor"], Value::Null, "{list}");
    }
    let mut groups = world.client.groups().list().limit(1).stream();
    let mut names = Vec::new();
    while let Some(group) = groups.try_next().await? {
        names.push(group.name.unwrap_or_default());
    }
    assert_eq!(names, ["three", "two", ""], "the newest first, each once");
    Ok(())
}

#[tokio::test]
async fn one_element_is_written_without_the_array_where_the_docs_show_it() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let path = |users: &str| format!("{}/white/users/{users}", space.path());
        space.allow_many(&["bob", "carol"]).await?;
        let (_, one) = world.raw("DELETE", &path("bob"), None).await;
        assert_eq!(one["data"]["user"], "bob");
        let (_, two) = world.raw("DELETE", &path("bob,carol"), None).await;
        assert_eq!(two["data"][1]["user"], "carol");
    }
    let (_, rooms) = world.raw("GET", &format!("/chatrooms/{}", world.room), None).await;
    assert!(rooms["data"].is_object() || rooms["data"][0].is_object());
    Ok(())
}

#[tokio::test]
async fn an_unknown_field_in_an_update_is_an_error() {
    let world = World::new().await;
    for space in world.both() {
        let body = json!({"description": "new", "groupid": "1"});
        let error = world
            .raw_refused("PUT", &space.path(), body, 400, "invalid_parameter")
            .await;
        let text = error["error_description"].as_str().unwrap_or_default();
        assert!(text.contains("groupid"), "the text names the field: {text}");
    }
}

#[tokio::test]
async fn unknown_fields_elsewhere_are_ignored() {
    let world = World::new().await;
    let body = json!({"owner": "alice", "public": false, "colour": "red"});
    assert_eq!(world.raw("POST", "/chatgroups", body).await.0, 200);
}

#[tokio::test]
async fn user_ids_are_case_insensitive() -> Outcome {
    let world = World::new().await;
    refused(
        world.client.users().create("ALICE").await,
        400,
        "duplicate_unique_property_exists",
    );
    assert_eq!(world.client.users().create("Frank").await?.username, "frank");
    for space in world.both() {
        let before = space.view(&USERS).await?;
        space.add("DAVE").await?;
        assert_eq!(
            space.remove_many(&["Bob", "CAROL"]).await?,
            [("bob".into(), true), ("carol".into(), true)]
        );
        let members = ["alice", "dave"].map(str::to_owned);
        space.changed(&before, |view| view.members = members.into()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn ids_are_digits() -> Outcome {
    let world = World::new().await;
    let message = world.message_to(&world.group).await?;
    let thread = world.thread("alice").await?;
    let ids = [
        (&world.group, 15..=18),
        (&world.room, 15..=18),
        (&thread, 15..=18),
        (&message, 18..=19),
    ];
    for (id, lengths) in ids {
        assert!(
            id.chars().all(|c| c.is_ascii_digit()) && lengths.contains(&id.len()),
            "{id}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn ids_are_compared_as_texts() -> Outcome {
    let world = World::new().await;
    let World { group, room, .. } = &world;
    let message = world.message_to(group).await?;
    let thread = world.thread("alice").await?;
    for other in ["0", "+", "%2B"] {
        for path in [
            format!("/chatgroups/{other}{group}"),
            format!("/chatgroups/{other}{group}/users"),
            format!("/chatgroups/{other}{group}/admin"),
            format!("/chatrooms/{other}{room}"),
            format!("/chatrooms/{other}{room}/users"),
            format!("/thread/{other}{thread}/users"),
        ] {
            let (status, body) = world.raw("GET", &path, None).await;
            assert!((400..500).contains(&status), "{path}: {status} {body}");
        }
        for path in [
            format!("/chatgroups/{other}{group}"),
            format!("/chatrooms/{other}{room}"),
            format!("/thread/{other}{thread}"),
        ] {
            let (status, body) = world.raw("DELETE", &path, None).await;
            assert!((400..500).contains(&status), "{path}: {status} {body}");
        }
    }
    let create = world
        .client
        .threads()
        .create(&**group, "a", format!("0{message}"), "bob");
    refused(create.await, 404, "group_error");
    world.client.threads().create(&**group, "a", message, "bob").await?;
    Ok(())
}

#[tokio::test]
async fn an_invalid_id_in_the_path_is_an_error() {
    let world = World::new().await;
    let (group, room) = (&world.group, &world.room);
    let long = "a".repeat(65);
    let text = "a".to_owned();
    for (method, path, status, code) in [
        ("GET", "/chatgroups/+1".to_owned(), 404, "resource_not_found"),
        ("GET", format!("/chatgroups/{group},a"), 404, "resource_not_found"),
        (
            "GET",
            "/chatgroups/a/users".to_owned(),
            404,
            "service_resource_not_found",
        ),
        (
            "GET",
            format!("/chatgroups/{group}/user/a%20b/is_joined"),
            400,
            "illegal_argument",
        ),
        (
            "GET",
            "/chatgroups/a/share_files".to_owned(),
            404,
            "RestGroupFeignException",
        ),
        (
            "POST",
            format!("/chatgroups/{group}/users/{long}"),
            404,
            "resource_not_found",
        ),
        (
            "DELETE",
            format!("/chatgroups/{group}/users/bob,a%20b"),
            404,
            "resource_not_found",
        ),
        (
            "GET",
            format!("/chatrooms/{room},%2B1"),
            404,
            "service_resource_not_found",
        ),
        (
            "GET",
            format!("/users/{long}/joined_chatgroups"),
            404,
            "service_resource_not_found",
        ),
        ("GET", format!("/threads/user/{long}"), 400, "group_error"),
        (
            "GET",
            format!("/metadata/chatgroup/{group}/user/{long}"),
            404,
            "MetadataException",
        ),
    ] {
        world.raw_refused(method, &path, None, status, code).await;
    }
    for (method, path, body, status, code) in [
        (
            "POST",
            "/metadata/chatgroup/a/get",
            json!({"targets": ["bob"], "properties": ["a"]}),
            400,
            "metadata_error",
        ),
        (
            "PUT",
            "/messages/rewrite/a",
            json!({"user": "bob", "new_msg": {"type": "txt", "msg": "a"}}),
            400,
            "InvalidMessageIdException",
        ),
    ] {
        world.raw_refused(method, path, body, status, code).await;
    }
    let attributes = |user: &str| format!("/metadata/chatroom/{room}/user/{user}");
    let keys = json!({"keys": ["a"]});
    let of_nobody = attributes(&long);
    world
        .raw_refused("DELETE", &of_nobody, keys.clone(), 401, "MetadataException")
        .await;
    let forced = format!("{of_nobody}/forced");
    world
        .raw_refused("DELETE", &forced, keys, 401, "MetadataException")
        .await;
    let state = format!("/users/bob/presence/web/{text}");
    world
        .raw_refused("POST", &state, json!({"ext": ""}), 400, "illegal_argument")
        .await;
    let hour = "/chatmessages/2026010124";
    world.raw_refused("GET", hour, None, 400, "illegal_argument").await;
}

#[tokio::test]
async fn wrong_values_in_the_body_are_found_before_those_in_the_path() {
    let world = World::new().await;
    let body = json!({"usernames": [], "mute_duration": 1});
    for space in ["/chatgroups/a/mute", "/chatrooms/a/mute"] {
        world
            .raw_refused("POST", space, body.clone(), 400, "invalid_parameter")
            .await;
    }
}

#[tokio::test]
async fn the_rate_limit_is_checked_before_the_body() {
    let world = World::without_spaces(Sandbox::builder().rate_limits(true)).await;
    let long = json!({"owner": "alice", "public": true, "description": "a".repeat(1024 * 1024)}).to_string();
    let unreadable = [
        ("text/plain", "a"),
        ("application/json", "{"),
        ("application/json", &long),
    ];
    let send = async |token: Option<&str>, (media_type, body): (&str, &str)| {
        let body = Some(body.to_owned());
        world.raw_with("POST", "/chatgroups", token, media_type, body).await.0
    };
    let token = Some(&*world.token);
    for (body, status) in unreadable.into_iter().zip([415, 400, 413]) {
        assert_eq!(send(token, body).await, status);
    }
    for _ in 0..97 {
        assert_eq!(send(token, ("text/plain", "a")).await, 415, "errors count");
    }
    for body in unreadable {
        assert_eq!(send(token, body).await, 429);
        assert_eq!(send(Some("damaged"), body).await, 401);
    }
    world.advance(1);
    assert_eq!(send(token, ("text/plain", "a")).await, 415);
}

/// Returns 61 registered users.
async fn crowd(world: &World) -> Vec<String> {
    let names: Vec<_> = (0..61).map(|index| format!("u{index}")).collect();
    for name in &names {
        world.client.users().create(name.as_str()).await.expect("a user");
    }
    names
}

#[tokio::test]
async fn more_than_60_users_in_one_call_are_an_error() -> Outcome {
    let world = World::new().await;
    let names = crowd(&world).await;
    let listed = names.join(",");
    for space in world.both() {
        let before = space.view(&USERS).await?;
        let path = |rest: &str| format!("{}{rest}", space.path());
        for rest in ["/blocks/users", "/white/users"] {
            let body = json!({"usernames": names});
            world
                .raw_refused("POST", &path(rest), body, 400, "invalid_parameter")
                .await;
            let one = path(&format!("{rest}/{listed}"));
            world.raw_refused("DELETE", &one, None, 400, "invalid_parameter").await;
        }
        let mute = json!({"usernames": names, "mute_duration": 1000});
        world
            .raw_refused("POST", &path("/mute"), mute, 400, "invalid_parameter")
            .await;
        for rest in ["/users", "/mute"] {
            let all = path(&format!("{rest}/{listed}"));
            world.raw_refused("DELETE", &all, None, 400, "invalid_parameter").await;
        }
        space.changed(&before, |_| {}).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_owner_in_a_batch_is_passed_over() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let removed = space.remove_many(&["alice", "bob"]).await?;
        assert_eq!(removed, [("alice".into(), false), ("bob".into(), true)]);
        let blocked = space.block_many(&["carol", "alice"]).await?;
        assert_eq!(blocked, [("carol".into(), true), ("alice".into(), false)]);
        assert_eq!(space.view(&USERS).await?.members, ["alice".to_owned()].into());
    }
    Ok(())
}

#[tokio::test]
async fn a_batch_fails_if_no_user_qualifies() {
    let world = World::new().await;
    for space in world.both() {
        let (strangers, status) = (["dave", "erin"], space.not_a_member());
        refused(space.remove_many(&strangers).await, status, "forbidden_op");
        refused(space.block_many(&strangers).await, status, "forbidden_op");
        refused(space.unblock_many(&strangers).await, status, "forbidden_op");
        refused(space.allow_many(&strangers).await, status, "forbidden_op");
        refused(space.disallow(&strangers).await, status, "forbidden_op");
    }
}

#[tokio::test]
async fn a_batch_has_a_result_for_each_user_in_the_order_of_the_request() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let expected = [
            ("carol".to_owned(), true),
            ("dave".to_owned(), false),
            ("bob".to_owned(), true),
        ];
        let users = ["carol", "dave", "bob"];
        assert_eq!(space.allow_many(&users).await?, expected);
        assert_eq!(space.disallow(&users).await?, expected);
        assert_eq!(space.block_many(&users).await?, expected);
        assert_eq!(space.unblock_many(&users).await?, expected);
        space.add_many(&["bob", "carol"]).await?;
        let (_, raw) = world
            .raw("DELETE", &format!("{}/users/dave,bob", space.path()), None)
            .await;
        let [failed, done] = [&raw["data"][0], &raw["data"][1]];
        assert!(failed["reason"].is_string() && done["reason"].is_null(), "{raw}");
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_user_in_a_batch_is_passed_over() -> Outcome {
    let world = World::new().await;
    for space in world.both() {
        let removed = space.remove_many(&["nobody", "bob"]).await?;
        assert_eq!(removed, [("nobody".into(), false), ("bob".into(), true)]);
    }
    Ok(())
}
