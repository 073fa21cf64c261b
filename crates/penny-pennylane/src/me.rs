//! Whose token it is, and what it may read.

use serde::Deserialize;

use crate::resource::Resource;

/// The answer of `/me`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Me {
    /// The person who made the token, if it is not the company's own.
    pub user: Option<User>,
    /// The company whose books these are.
    pub company: Company,
    /// What the token may do, such as `customers:readonly`.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// A person with access to the company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// A company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Company {
    /// Pennylane's number of it.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its SIREN, or `sandbox-<id>` for a test company.
    pub reg_no: Option<String>,
    /// Its chart of accounts, such as `FR_PCG`.
    pub accounting_logic: Option<String>,
}

impl Me {
    /// Whether this is one of Pennylane's test companies.
    pub fn is_sandbox(&self) -> bool {
        self.company.reg_no.as_deref().is_some_and(|number| number.starts_with("sandbox-"))
    }

    /// Whether the token may read that list.
    pub fn may_read(&self, resource: &Resource) -> bool {
        let area = |scope: &str| scope.split(':').next().unwrap_or_default().to_owned();
        let writes = format!("{}:all", area(resource.scope));
        self.scopes.iter().any(|scope| scope == resource.scope || *scope == writes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_to_write_includes_the_right_to_read() {
        let me: Me = serde_json::from_str(
            r#"{"user":null,"company":{"id":7,"name":"Essai","reg_no":"sandbox-7","new_key":1},
                "scopes":["customers:all","suppliers:readonly"]}"#,
        )
        .expect("the contract's shape");
        assert!(me.is_sandbox());
        let check = |name: &str, may: bool| {
            assert_eq!(me.may_read(Resource::find(name).expect("a list")), may, "{name}");
        };
        check("customers", true);
        check("suppliers", true);
        check("customer_invoices", false);
    }
}
