//! The description is whole: every address with its methods, and examples that are what it says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::visitor;
use super::program::{Program, TOKEN};

#[test]
fn every_address_takes_the_methods_that_are_described_and_no_other() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let paths = program.description["paths"].as_object().expect("paths");
    for (described, operations) in paths {
        let path = described.replace(['{', '}'], "");
        let answer = program.send("DELETE", &path, &[], "").is(405);
        assert!(answer.json()["error"].is_string(), "{path}: {answer:?}");
        let taken = answer.header("allow").expect("it says what it takes").to_lowercase();
        let taken: BTreeSet<&str> = taken.split(',').filter(|method| *method != "head").collect();
        let described: BTreeSet<&str> =
            operations.as_object().expect("methods").keys().map(String::as_str).collect();
        assert_eq!(taken, described, "{path}");
    }
}

#[test]
fn every_example_is_what_its_schema_says() {
    let workspace = visitor::workspace("").env(&format!("PENNY_API_TOKEN={TOKEN}\n"));
    let (_service, _) = visitor::start(&workspace);
    let program = Program::of(&workspace);
    let paths = program.description["paths"].as_object().expect("paths");
    let mut without = Vec::new();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().expect("methods") {
            let answers = operation["responses"].as_object().expect("answers");
            let good = answers.iter().filter(|(status, _)| status.starts_with('2'));
            let parts: Vec<&Value> =
                good.map(|(_, answer)| answer).chain([&operation["requestBody"]]).collect();
            for part in parts {
                let part = &part["content"]["application/json"];
                if !part["schema"]["$ref"].is_string() {
                    continue;
                }
                match part.get("example") {
                    Some(example) => {
                        program.check(&part["schema"], example, &format!("{method} {path}"));
                    }
                    None => without.push(format!("{method} {path}")),
                }
            }
        }
    }
    assert!(without.is_empty(), "without an example: {without:?}");
}
