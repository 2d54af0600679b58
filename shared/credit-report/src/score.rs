//! The score or rank: of several, the worst.

use crate::factor::{Factor, Missing, Value};
use crate::read::is_rank;
use crate::report::{History, Kind, Score, ScoreValue};
use crate::view::View;

/// A consumer's score: of several, the lowest. Scores of several models or scales are not compared.
pub fn consumer(view: &View<'_>) -> Factor {
    worst(view, |values| values.iter().min().copied())
}

/// A company's rank, 1 (best) to 10: of several, the highest.
pub fn rank(view: &View<'_>) -> Factor {
    worst(view, |values| values.iter().max().copied())
}

fn worst(view: &View<'_>, choose: impl Fn(&[u32]) -> Option<u32>) -> Factor {
    let mut scored: Vec<(String, &Score, u32)> = Vec::new();
    let (mut none, mut not_stated) = (Vec::new(), Vec::new());
    for source in &view.sources {
        let place = |path: &str| format!("{}{path}", source.prefix);
        let fits = |score: &&Score| view.kind != Kind::CommercialIn || is_rank(&score.model);
        match (source.report.score.as_ref().filter(fits), source.report.history) {
            (Some(score), _) => match score.value {
                ScoreValue::Scored(value) => scored.push((place(&score.path), score, value)),
                ScoreValue::NoHistory => none.push(place(&score.path)),
            },
            (None, History::None) => none.push(place(&source.report.path)),
            (None, History::Present) => not_stated.push(place(&source.report.path)),
        }
    }
    let scale = |score: &Score| (score.model.trim().to_uppercase(), score.lowest, score.highest);
    let Some((_, first, _)) = scored.first() else {
        return if none.is_empty() {
            Factor::missing(Missing::NotInReport, not_stated)
        } else {
            Factor::of(Value::NoHistory, none).leaving_out(not_stated)
        };
    };
    if scored.iter().any(|(_, score, _)| scale(score) != scale(first)) {
        let rows = scored.into_iter().map(|(path, ..)| path).collect();
        return Factor::missing(Missing::SeveralModels, rows);
    }
    let values: Vec<u32> = scored.iter().map(|(.., value)| *value).collect();
    let chosen = choose(&values).unwrap_or_default();
    let rows = scored.into_iter().filter(|(.., value)| *value == chosen).map(|(path, ..)| path).collect();
    Factor::of(Value::Count(chosen.into()), rows).leaving_out([none, not_stated].concat())
}
