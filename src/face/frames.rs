//! The frames of a live check: what each was taken for, and what binds them to their challenge.
//!
//! The page seals each frame as it is taken: an HMAC under the challenge's nonce over the seal before it, the label and the picture. So frames that are left
//! out, moved, changed, labelled anew, or taken from another session do not fit. The nonce is in the page, so this does not bind a page that lies: whether the
//! pictures themselves are new and turn as asked is judged by [`super::look`].

use serde::{Deserialize, Serialize};

use super::TURNS;
use crate::crypto::{keyed, same, sha256};

/// Frames of one live check.
pub const MAX_FRAMES: usize = 24;
/// Of one frame.
pub const MAX_FRAME_BYTES: usize = 400 * 1024;

/// What a frame of a live check was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Straight ahead, before the turns.
    Baseline,
    /// While the so-manieth turn was asked, from 0.
    Turn(usize),
    /// Straight ahead again.
    End,
}

impl Moment {
    /// Reads what the page wrote: `baseline`, `turn1`, `turn2`, `end`.
    pub fn parse(step: &str) -> Option<Self> {
        match step {
            "baseline" => Some(Self::Baseline),
            "end" => Some(Self::End),
            _ => {
                let number: usize = step.strip_prefix("turn").filter(|n| n.len() == 1)?.parse().ok()?;
                (1..=TURNS).contains(&number).then(|| Self::Turn(number - 1))
            }
        }
    }
}

/// A frame's label as the page sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameLabel {
    /// See [`Moment::parse`].
    pub step: String,
    /// Milliseconds since the page was told the turns.
    pub at_ms: i64,
}

/// A label with what binds its frame to the challenge.
#[derive(Clone, Debug, Deserialize)]
pub struct SealedLabel {
    /// The label.
    #[serde(flatten)]
    pub label: FrameLabel,
    /// See [`seal`].
    #[serde(default)]
    pub seal: String,
}

/// A frame that waits for the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFrame {
    /// Key in the object store.
    pub key: String,
    /// What it was taken for.
    #[serde(flatten)]
    pub label: FrameLabel,
}

/// Two turns cannot be followed in less.
const MIN_SPAN_MS: i64 = 1_500;

/// Whether labels can be true: one for each frame, steps in their order with none left out, times that grow and fit between the challenge and now.
pub fn labels_fit(labels: &[FrameLabel], frames: usize, elapsed_ms: i64) -> bool {
    let Some(moments) = labels.iter().map(|label| Moment::parse(&label.step)).collect::<Option<Vec<_>>>() else { return false };
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else { return false };
    let all = std::iter::once(Moment::Baseline).chain((0..TURNS).map(Moment::Turn));
    labels.len() == frames
        && frames <= MAX_FRAMES
        && moments.is_sorted()
        && all.into_iter().all(|moment| moments.contains(&moment))
        && labels.is_sorted_by_key(|label| label.at_ms)
        && first.at_ms >= 0
        && last.at_ms - first.at_ms >= MIN_SPAN_MS
        // The phone's clock and ours do not start at one moment.
        && last.at_ms <= elapsed_ms + 1_000
}

/// The seal of a frame, in lower-case hex: HMAC-SHA-256 under the nonce over the seal before it ("" before the first), step, time and the picture's SHA-256, each on
/// a line of its own. `static/camera.js` makes the same.
pub fn seal(nonce: &str, before: &str, label: &FrameLabel, frame: &[u8]) -> String {
    let text = format!("{before}\n{}\n{}\n{}", label.step, label.at_ms, hex(&sha256(frame)));
    hex(&keyed(nonce.as_bytes(), text.as_bytes()))
}

/// Whether the frames are those that the page took under this nonce, all of them and in their order.
pub fn seals_hold(nonce: &str, labels: &[SealedLabel], frames: &[Vec<u8>]) -> bool {
    let mut before = String::new();
    labels.len() == frames.len()
        && labels.iter().zip(frames).all(|(given, frame)| {
            before = seal(nonce, &before, &given.label, frame);
            same(before.as_bytes(), given.seal.as_bytes())
        })
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(steps: &[(&str, i64)]) -> Vec<FrameLabel> {
        steps.iter().map(|(step, at_ms)| FrameLabel { step: (*step).into(), at_ms: *at_ms }).collect()
    }

    const GOOD: [(&str, i64); 5] = [("baseline", 0), ("baseline", 300), ("turn1", 1000), ("turn2", 3000), ("end", 5000)];

    #[test]
    fn labels_of_an_honest_page_fit() {
        assert!(labels_fit(&labels(&GOOD), 5, 5_200));
        assert!(labels_fit(&labels(&GOOD[..4]), 4, 3_000), "the last frames may be missing");
    }

    #[test]
    fn labels_that_cannot_be_true_do_not() {
        let fits = |steps: &[(&str, i64)], elapsed| labels_fit(&labels(steps), steps.len(), elapsed);
        assert!(!labels_fit(&labels(&GOOD), 4, 5_200), "a frame without a label");
        assert!(!fits(&GOOD, 3_000), "longer than the time since the challenge");
        assert!(!fits(&[], 5_000));
        assert!(!fits(&[("baseline", 0), ("turn1", 2000), ("end", 3000)], 5_000), "a turn left out");
        assert!(!fits(&[("turn1", 0), ("turn2", 2000)], 5_000), "no baseline");
        assert!(!fits(&[("baseline", 0), ("turn2", 1000), ("turn1", 2000)], 5_000), "the wrong order");
        assert!(!fits(&[("baseline", 0), ("turn1", 2000), ("turn2", 1000)], 5_000), "time runs backwards");
        assert!(!fits(&[("baseline", 0), ("turn1", 10), ("turn2", 20)], 5_000), "faster than anybody");
        assert!(!fits(&[("baseline", 0), ("turn1", 1000), ("turn2", 2000), ("turn3", 3000)], 5_000), "a turn that was not asked");
    }

    type Sealed = (Vec<SealedLabel>, Vec<Vec<u8>>);

    /// Frames as an honest page seals them.
    fn sealed(nonce: &str) -> Sealed {
        let frames: Vec<Vec<u8>> = (0..GOOD.len() as u8).map(|n| vec![n; 9]).collect();
        let mut before = String::new();
        let sealed = labels(&GOOD).into_iter().zip(&frames).map(|(label, frame)| {
            before = seal(nonce, &before, &label, frame);
            SealedLabel { label, seal: before.clone() }
        });
        (sealed.collect(), frames)
    }

    #[test]
    fn the_seal_is_what_other_programs_compute() {
        // printf '\nbaseline\n0\n%s' $(printf frame | sha256sum | cut -d' ' -f1) | openssl dgst -sha256 -hmac nonce
        let label = &labels(&GOOD)[0];
        assert_eq!(seal("nonce", "", label, b"frame"), "d3b8d8f80b8f0490bcf4127551cf61e5517647e52903dd69a2a8923ca8ff2700");
    }

    #[test]
    fn sealed_frames_hold_as_they_were_taken_and_no_other_way() {
        let (labels, frames) = sealed("n");
        assert!(seals_hold("n", &labels, &frames));
        assert!(!seals_hold("another session", &labels, &frames));
        let changed = |change: &dyn Fn(&mut Sealed)| {
            let mut sent = (labels.clone(), frames.clone());
            change(&mut sent);
            seals_hold("n", &sent.0, &sent.1)
        };
        assert!(changed(&|_| ()));
        assert!(!changed(&|(_, frames)| frames[2][4] ^= 1), "edited");
        assert!(!changed(&|(_, frames)| frames.swap(2, 3)), "reordered");
        assert!(!changed(&|(labels, frames)| {
            labels.swap(2, 3);
            frames.swap(2, 3);
        }));
        assert!(!changed(&|(_, frames)| frames[3] = frames[2].clone()), "sent again");
        assert!(!changed(&|(labels, _)| labels[3].label.at_ms += 1), "another time");
        assert!(!changed(&|(labels, _)| labels[3].label.step = "turn1".into()), "another step");
        assert!(!changed(&|(labels, frames)| {
            labels.remove(1);
            frames.remove(1);
        }));
        assert!(!changed(&|(labels, _)| labels[4].seal.clear()));
    }
}
