//! The field tree, the derivations and the explanation.

use egui_kittest::kittest::Queryable;
use framescope::app::settings::Tab;

use super::common::{look_at, open, usual};

#[test]
fn the_hixie_76_answer_follows_step_by_step() {
    let mut window = usual();
    open(&mut window, "h76-jsclient-ws04.pcapng");
    look_at(&mut window, 2, Tab::Follows);
    window.get_by_label_contains("How it follows: the hixie-76 answer");
    window.get_by_label_contains("Step 1:");
    window.snapshot("follows-hixie-76");
}

#[test]
fn the_explanation_is_folded_away_while_it_is_shown_how_things_follow() {
    let mut window = usual();
    open(&mut window, "h76-jsclient-ws04.pcapng");
    look_at(&mut window, 2, Tab::Follows);
    assert!(window.query_by_label_contains("Anything but a valid 101").is_none());
    window.get_by_label("Explain").click();
    window.run_ok();
    window.get_by_label_contains("Anything but a valid 101");
    window.get_by_label("Fold").click();
    window.run_ok();
    assert!(window.query_by_label_contains("Anything but a valid 101").is_none());
}

#[test]
fn a_result_that_is_used_leads_to_its_step() {
    let mut window = usual();
    open(&mut window, "h76-jsclient-ws04.pcapng");
    look_at(&mut window, 2, Tab::Follows);
    for _ in 0..4 {
        let links = window.query_all_by_label_contains("the result of step");
        links.max_by(|one, other| one.rect().top().total_cmp(&other.rect().top())).unwrap().scroll_to_me();
        window.run_ok();
    }
    assert!(window.query_by_label_contains("Step 1:").is_none(), "the first card is out of sight");
    window.query_all_by_label("the result of step 1").next().unwrap().click();
    window.run_ok();
    window.get_by_label_contains("Step 1:");
}

#[test]
fn the_first_step_that_differs_is_marked() {
    let mut window = usual();
    open(&mut window, "h76-lighttpd-badchallenge.pcap");
    look_at(&mut window, 2, Tab::Follows);
    window.get_by_label_contains("on the wire:");
    window.get_by_label_contains("Here the mistake begins");
}

#[test]
fn a_field_is_explained() {
    let mut window = usual();
    open(&mut window, "rfc-chat-superchat.pcap");
    look_at(&mut window, 3, Tab::Fields);
    window.get_by_label_contains("MASK, 1").click();
    window.run_ok();
    window.get_by_label_contains("A client always masks");
    window.get_by_label_contains("Four bytes of masking key follow");
    window.get_by_label("RFC 6455 section 5.2");
    window.snapshot("fields-explained");
}

#[test]
fn a_broken_rule_is_explained_beside_its_field() {
    let mut window = usual();
    open(&mut window, "museum/client-unmasked.pcapng");
    let broken = window.state().with_trace(|trace| trace.conversations()[0].item_findings[0].0).unwrap();
    look_at(&mut window, broken as usize + 1, Tab::Fields);
    window.get_by_label("rfc6455.mask.client-must-mask");
    window.get_by_label_contains("closes the connection with 1002");
    window.snapshot("fields-broken");
}
