//! Robots. No operation creates one: only the example data contains a robot.

use super::App;
use crate::runtime::{Call, Failure, numbered};
use crate::sections::robots::{Robots, list};
use crate::types::{Robot, RobotAttributes, RobotSampling};

impl Robots for App {
    fn list(&mut self, _: &Call<'_>, arguments: list::List) -> Result<list::ListResult, Failure> {
        let number = arguments.page.saturating_add(1);
        Ok(list::ListResult {
            robots: numbered(self.robots.iter().cloned(), number, arguments.size).collect(),
            total: i64::try_from(self.robots.len()).ok(),
        })
    }
}

impl App {
    /// Adds the robot of the samples.
    pub(super) fn add_sample_robot(&mut self) {
        let text = |text: &str| Some(text.to_owned());
        self.robots.push(Robot {
            id: "2kQ7ZsVb1mXw9TgRr4YcHn0LdPa".to_owned(),
            name: text("Help desk"),
            app_key: Some(self.app_key()),
            robot_id: text("3f1c9a5be07d4628b1e6a4d2c85f7093"),
            robot_app_id: text("2kQ7ZtNf6uJp3WxVq8SeKy5MbGi"),
            message_type: text("TEXT"),
            chat_type: text("CHAT"),
            users: vec!["helpdesk".to_owned()],
            provider: text("MINIMAX"),
            provider_id: text("2kQ7ZvLc4rDz7YhTn1AoXw9EuJs"),
            timeout: Some(3000),
            status: text("ACTIVE"),
            created: text("2024-06-03T07:15:42.118306Z"),
            updated: text("2024-06-11T12:40:09.550217Z"),
            api: text("chatcompletion_pro"),
            model: text("abab6.5-chat"),
            attributes: Some(RobotAttributes {
                history: Some(10),
                avatar: text("https://cdn.example.com/robot.png"),
                message_limit: Some(1024),
            }),
            sampling: Some(RobotSampling {
                top_p: Some(0.9),
                max_tokens: Some(1024),
                temperature: Some(0.2),
            }),
            instructions: text("Answer questions about orders."),
            text_type: text("DEFAULT"),
        });
    }
}
