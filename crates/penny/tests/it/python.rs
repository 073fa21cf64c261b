//! The Python module's own tests, on the Python that the other tests use.

use std::path::Path;
use std::process::Command;

#[test]
fn the_modules_own_tests_pass() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(penny_testing::python())
        .args(["-m", "unittest", "discover", "python/tests"])
        .current_dir(root)
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("Ran 0 tests"), "{said}");
}
