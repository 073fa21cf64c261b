//! A cell says the same on a gateway as on this machine.

use std::time::Duration;

use penny_kernel::{Event, Kernel};
use penny_testing::gateway::Kind;
use serde_json::Value;

use super::{kernel, launch, started};
use crate::bench::{Bench, event};

/// Cells with outputs of every kind.
const CELLS: [&str; 8] = [
    "print('un'); print('deux'); 6 * 7",
    "import sys\nprint('trois', file=sys.stderr)",
    "display({'text/plain': 'x', 'application/json': {'n': 12345678901234567890123}}, raw=True)",
    "from IPython.display import clear_output\nprint('a', flush=True); clear_output(wait=True)\n'é😀'",
    "shown = display('avant', display_id='d')",
    "shown.update('après')",
    "1 / 0",
    "from comm import create_comm\nc = create_comm(target_name='x'); c.send({'a': 1}, buffers=[b'\\x00\\xff'])",
];

/// What a cell says, without what differs from kernel to kernel: where a printed text is cut into
/// messages is the kernel's haste alone, so what follows on one stream is told as one.
async fn said(kernel: &mut Kernel, code: &str) -> Vec<(String, Value, Value, Vec<bytes::Bytes>)> {
    kernel.execute(code).await.unwrap();
    let mut all: Vec<(String, Value, Value, Vec<bytes::Bytes>)> = Vec::new();
    loop {
        match event(kernel).await {
            Event::Output { msg_type, mut content, mut metadata, buffers, .. } => {
                for name in ["comm_id", "execution_count", "traceback"] {
                    content.as_object_mut().unwrap().remove(name);
                }
                for name in ["started", "dependencies_met", "engine"] {
                    metadata.as_object_mut().unwrap().remove(name);
                }
                if let (Some((last, before, ..)), "stream") = (all.last_mut(), &*msg_type)
                    && last == "stream"
                    && before["name"] == content["name"]
                {
                    let text =
                        [&before["text"], &content["text"]].map(|text| text.as_str().unwrap());
                    before["text"] = text.concat().into();
                    continue;
                }
                all.push((msg_type, content, metadata, buffers));
            }
            Event::Done { iopub_complete, lost, .. } => {
                assert_eq!((iopub_complete, lost), (true, 0), "{code}");
                return all;
            }
            Event::Died(death) => panic!("{death}"),
        }
    }
}

async fn check_same_outputs(kind: Kind) {
    let bench = Bench::new();
    let server = started(&bench, kind, &[]);
    let mut remote = kernel(&server.url()).await;
    assert_eq!(remote.pid(), None);
    let mut local = bench.kernel().await;
    for code in CELLS {
        assert_eq!(said(&mut remote, code).await, said(&mut local, code).await, "{code}");
    }
    let id = remote.remote_id().unwrap().to_owned();
    remote.shutdown(Duration::from_secs(10)).await;
    assert_eq!(server.kernels(), 0);
    let gateway = launch(&server.url()).gateway;
    assert!(!gateway.end_kernel(&id).await.unwrap(), "a kernel that is gone was ended once more");
}

#[tokio::test]
async fn a_kernel_gateway_gives_the_outputs_of_a_local_kernel() {
    check_same_outputs(Kind::KernelGateway).await;
}

#[tokio::test]
async fn a_jupyter_server_gives_the_outputs_of_a_local_kernel() {
    check_same_outputs(Kind::Server).await;
}

#[tokio::test]
async fn an_enterprise_gateway_gives_the_outputs_of_a_local_kernel() {
    check_same_outputs(Kind::EnterpriseGateway).await;
}
