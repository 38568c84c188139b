//! What agrees, what differs, and what a person looks at.

use proptest::prelude::*;

use super::*;

fn sure(text: &str) -> Vec<(char, f32)> {
    text.chars().map(|c| (c, 0.999)).collect()
}

fn verdict(read: &str, declared: &str) -> NameVerdict {
    compare(&sure(read), declared)
}

#[test]
fn a_clearly_read_common_character_that_differs_is_a_difference() {
    assert_eq!(verdict("张三", "张叁"), NameVerdict::Differs);
    assert_eq!(verdict("王小明", "王小强"), NameVerdict::Differs);
    assert_eq!(verdict("李建国", "张美丽"), NameVerdict::Differs);
    assert_eq!(verdict("张三", "张三丰"), NameVerdict::Differs);
    assert_eq!(verdict("张三丰", "张三"), NameVerdict::Differs);
}

#[test]
fn rare_characters_are_for_a_person_whatever_was_read() {
    assert_eq!(verdict("焦婉碟", "谯婉嵘"), NameVerdict::Doubtful(Doubt::NameRare));
    assert_eq!(verdict("王", "王㛃"), NameVerdict::Doubtful(Doubt::NameRare));
    assert_eq!(verdict("李王", "李𬱖"), NameVerdict::Doubtful(Doubt::NameRare));
    assert_eq!(verdict("王吉", "王喆"), NameVerdict::Doubtful(Doubt::NameRare));
}

#[test]
fn look_alikes_and_unsure_characters_are_for_a_person() {
    assert_eq!(verdict("李末", "李未"), NameVerdict::Doubtful(Doubt::NameLookAlike));
    assert_eq!(verdict("杨光", "扬光"), NameVerdict::Doubtful(Doubt::NameLookAlike));
    assert_eq!(compare(&[('张', 0.98), ('三', 0.6)], "张叁"), NameVerdict::Doubtful(Doubt::NameUncertain));
    assert_eq!(compare(&[('张', 0.98), ('三', 0.6)], "张三"), NameVerdict::Doubtful(Doubt::NameUncertain));
    assert_eq!(verdict("张三一", "张三"), NameVerdict::Doubtful(Doubt::NameUncertain));
    assert_eq!(verdict("欧阳", "欧阳美丽子"), NameVerdict::Doubtful(Doubt::NameUncertain));
}

#[test]
fn a_common_character_that_is_read_for_a_rare_one_confirms_nothing() {
    for common in ['爽', '或', '翻', '法', '都', '赞', '焦', '碟'] {
        let name = format!("李{common}");
        assert_eq!(verdict(&name, &name), NameVerdict::Doubtful(Doubt::NameLookAlike), "{name}");
    }
    // The rare one itself was read: nothing is read in its place.
    assert_eq!(verdict("李赟", "李赟"), NameVerdict::Agrees);
    // Nor is any of the many that only look like another.
    for name in ["李哲", "王颖", "陈坤"] {
        assert_eq!(verdict(name, name), NameVerdict::Agrees, "{name}");
    }
}

#[test]
fn variants_of_one_character_add_up_for_the_form_that_cards_have() {
    let near = |a: f32, b: f32| (a - b).abs() < 0.001;
    assert!(near(settle('蒋', 0.88, &[('蔣', 0.12)]), 1.0));
    assert!(near(settle('静', 0.9, &[('靜', 0.06), ('净', 0.04)]), 0.96), "what is no variant does not count");
    // Two simplified characters that are variants elsewhere are two names.
    assert!(near(settle('沈', 0.9, &[('沉', 0.1)]), 0.9));
    // 黄 was read as 黃, at 0.95.
    assert!(near(settle('黃', 0.951, &[('黄', 0.049)]), 0.5));
    assert!(near(settle('瑀', 0.99, &[('璃', 0.01)]), 0.99));
    assert!(near(settle('·', 0.6, &[('・', 0.3)]), 1.0));
}

#[test]
fn what_was_read_for_rare_ones_has_to_be_surer() {
    // 毛䶮 is read as 毛美 at 0.99, twice.
    let read = |sure| compare(&[('毛', 1.0), ('美', sure)], "毛美");
    assert_eq!(read(0.99), NameVerdict::Doubtful(Doubt::NameUncertain));
    assert_eq!(read(0.999), NameVerdict::Agrees);
    assert_eq!(compare(&[('毛', 1.0), ('婷', 0.99)], "毛婷"), NameVerdict::Agrees);
}

#[test]
fn a_name_of_which_a_character_was_dropped_passes_for_none() {
    // 苏鋐: the reader does not know 鋐 and finds print that no character was read for.
    assert_eq!(compare(&[('苏', 0.3)], "苏"), NameVerdict::Doubtful(Doubt::NameUncertain));
}

#[test]
fn equal_names_agree_however_their_dots_and_letters_are_written() {
    assert_eq!(verdict("张三", "张三"), NameVerdict::Agrees);
    assert_eq!(verdict("王喆", "王喆"), NameVerdict::Agrees);
    assert_eq!(verdict("阿依古丽·买买提", "阿依古丽·买买提"), NameVerdict::Agrees);
    assert_eq!(verdict("阿依古丽•买买提", "阿依古丽·买买提"), NameVerdict::Agrees);
    assert_eq!(verdict("阿依古丽买买提", "阿依古丽·买买提"), NameVerdict::Agrees);
    assert_eq!(verdict("阿依古丽·买买提", "阿依古丽买买提"), NameVerdict::Doubtful(Doubt::NameUncertain));
    assert_eq!(verdict("MARYANN", "Mary Ann"), NameVerdict::Agrees);
}

#[test]
fn the_rare_ones_are_those_beyond_the_first_level() {
    for common in ['张', '三', '叁', '国', '明', 'a', '·'] {
        assert!(!is_rare(common), "{common}");
    }
    for rare in ['喆', '㛃', '䶮', '𬱖', '谯', '嵘', '彧', '赟'] {
        assert!(is_rare(rare), "{rare}");
    }
}

#[test]
fn every_group_of_look_alikes_has_two_or_more() {
    for group in READ_AS.split(' ').chain(LOOK_ALIKES.split(' ')) {
        let distinct: std::collections::BTreeSet<char> = group.chars().collect();
        assert!(distinct.len() >= 2 && distinct.len() == group.chars().count(), "{group}");
    }
}

#[test]
fn a_variant_or_look_alike_in_its_place_neither_passes_nor_fails_a_name() {
    let known = READ_AS.split(' ').chain(LOOK_ALIKES.split(' ')).flat_map(|group| group.chars().zip(group.chars().skip(1)));
    // Every thirteenth of the variants: all of them take seconds. 沈 and 沉 are both common, so that nothing else makes them doubtful.
    for (a, b) in known.chain(variants::pairs().step_by(13)).chain([('沈', '沉'), ('予', '豫')]) {
        for (read, declared) in [(a, b), (b, a)] {
            let verdict = verdict(&format!("李{read}"), &format!("李{declared}"));
            assert!(matches!(verdict, NameVerdict::Doubtful(_)) || same_char(a, b), "{read} {declared}: {verdict:?}");
        }
    }
}

#[test]
fn differing_characters_are_marked_on_both_sides() {
    let (read, declared) = marks("张三", "张叁");
    assert_eq!(read, [('张', false), ('三', true)]);
    assert_eq!(declared, [('张', false), ('叁', true)]);
    assert_eq!(marks("王", "王明"), (vec![('王', false)], vec![('王', false), ('明', true)]));
}

const COMMON: [char; 8] = ['张', '国', '华', '建', '美', '强', '海', '红'];

proptest! {
    #[test]
    fn a_clear_reading_of_itself_agrees(name in "[张国华建美强海红喆彧㛃]{1,10}") {
        prop_assert_eq!(verdict(&name, &name), NameVerdict::Agrees);
    }

    #[test]
    fn a_name_with_one_character_changed_never_agrees(name in "[张国华建美强海红喆彧㛃]{1,10}", at in 0usize..10, to in 0usize..8, confidence in 0f32..1.0) {
        let mut changed: Vec<char> = name.chars().collect();
        let at = at % changed.len();
        prop_assume!(changed[at] != COMMON[to]);
        changed[at] = COMMON[to];
        let read: Vec<(char, f32)> = changed.into_iter().map(|c| (c, confidence)).collect();
        prop_assert_ne!(compare(&read, &name), NameVerdict::Agrees);
    }

    #[test]
    fn an_unsure_reading_never_fails_by_itself(read in "[张国华建美强海红]{1,4}", declared in "[张国华建美强海红]{1,4}", confidence in 0f32..0.74) {
        let read: Vec<(char, f32)> = read.chars().map(|c| (c, confidence)).collect();
        prop_assert!(matches!(compare(&read, &declared), NameVerdict::Doubtful(_)));
    }

    #[test]
    fn no_text_makes_it_panic(read in "\\PC{0,80}", declared in "\\PC{0,80}", confidence in proptest::num::f32::ANY) {
        let characters: Vec<(char, f32)> = read.chars().map(|c| (c, confidence)).collect();
        let _ = compare(&characters, &declared);
        let _ = marks(&read, &declared);
    }
}
