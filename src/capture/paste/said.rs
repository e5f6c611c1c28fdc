//! What a text was taken for, as a sentence.

use super::Pasted;
use crate::words::{Said, Words};

impl Said for Pasted {
    fn said(&self, words: Words) -> String {
        let form = words.with("paste-form", &[("form", self.form.id().into())]);
        let mut said = words.with("paste-taken", &[("form", form.into())]);
        if let Some(packet) = self.packets.first() {
            let values = [
                ("taken", said.into()),
                ("count", self.packets.len().into()),
                ("from", packet.from.to_string().into()),
                ("to", packet.to.to_string().into()),
            ];
            said = words.with("paste-taken-packets", &values);
        }
        match self.cut {
            None => said,
            Some(0) => words.with("paste-taken-cut", &[("taken", said.into())]),
            Some(count) => {
                words.with("paste-taken-cut-by", &[("taken", said.into()), ("count", count.into())])
            }
        }
    }
}
