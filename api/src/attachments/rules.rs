//! Which files are taken: a few, of a type that their bytes tell. How large they may be stands in the document.

use super::model::{AttachmentType, NewAttachment};
use crate::error::{Code, Fault};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The most files that one thing has.
pub const MOST: usize = 20;

/// A file that may be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked {
    pub(super) file_name: String,
    pub(super) content_type: AttachmentType,
    pub(super) bytes: Vec<u8>,
}

/// The files as they are kept; everything that is wrong with them.
pub fn check(files: &[NewAttachment], kept: usize, pointer: &str) -> Result<Vec<Checked>, Vec<Fault>> {
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    if kept + files.len() > MOST {
        faults.push(Fault::at(pointer, Code::AttachmentLimit).with("limit", MOST));
    }
    for (index, file) in files.iter().enumerate() {
        match check_one(file, &format!("{pointer}/{index}")) {
            Ok(checked) => good.push(checked),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(good) } else { Err(faults) }
}

/// One file as it is kept.
pub fn check_one(file: &NewAttachment, pointer: &str) -> Result<Checked, Fault> {
    let content = format!("{pointer}/content");
    let bytes = STANDARD.decode(&file.content).map_err(|_wrong| Fault::at(&content, Code::AttachmentNotBase64))?;
    // What somebody calls a file says nothing about what it is.
    let told = infer::get(&bytes).map(|kind| kind.mime_type());
    let is = AttachmentType::ALL.into_iter().find(|known| Some(known.as_str()) == told);
    let Some(content_type) = is else {
        return Err(Fault::at(&content, Code::AttachmentTypeNotAllowed)
            .with("found", told.unwrap_or("unknown"))
            .with("allowed", AttachmentType::ALL));
    };
    if content_type != file.content_type {
        return Err(Fault::at(format!("{pointer}/contentType"), Code::AttachmentTypeDiffers)
            .with("declared", file.content_type)
            .with("found", content_type));
    }
    // Some programs send the whole path.
    let name = file.file_name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(&file.file_name);
    Ok(Checked { file_name: name.to_owned(), content_type, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
    const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0";
    const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>";

    fn file(content_type: AttachmentType, bytes: &[u8]) -> NewAttachment {
        NewAttachment { file_name: "a/b\\carta.pdf".to_owned(), content_type, content: STANDARD.encode(bytes) }
    }

    #[test_case(AttachmentType::Pdf, PDF, None; "a PDF")]
    #[test_case(AttachmentType::Png, PNG, None; "a PNG")]
    #[test_case(AttachmentType::Jpeg, JPEG, None; "a JPEG")]
    #[test_case(AttachmentType::Png, PDF, Some(Code::AttachmentTypeDiffers); "a PDF that is called a PNG")]
    #[test_case(AttachmentType::Pdf, ZIP, Some(Code::AttachmentTypeNotAllowed); "an archive")]
    #[test_case(AttachmentType::Png, SVG, Some(Code::AttachmentTypeNotAllowed); "a drawing with a script")]
    #[test_case(AttachmentType::Pdf, b"MZ\x90\0", Some(Code::AttachmentTypeNotAllowed); "a program")]
    #[test_case(AttachmentType::Pdf, b"text", Some(Code::AttachmentTypeNotAllowed); "a text")]
    #[test_case(AttachmentType::Pdf, b"", Some(Code::AttachmentTypeNotAllowed); "nothing")]
    fn rule_gcc_08_files_are_what_their_bytes_say(declared: AttachmentType, bytes: &[u8], expected: Option<Code>) {
        let found = check(&[file(declared, bytes)], 0, "/attachments");
        match expected {
            None => assert_eq!(found.unwrap()[0].file_name, "carta.pdf"),
            Some(code) => assert_eq!(found.unwrap_err()[0].code, code),
        }
    }

    #[test]
    fn rule_gcc_08_a_thing_has_no_more_files_than_it_may() {
        let files = |count: usize| -> Vec<_> { (0..count).map(|_| file(AttachmentType::Pdf, PDF)).collect() };
        assert!(check(&files(1), MOST - 1, "").is_ok());
        assert_eq!(check(&files(2), MOST - 1, "").unwrap_err()[0].code, Code::AttachmentLimit);
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_spot() {
        let bad = NewAttachment { content: "¿?".to_owned(), ..file(AttachmentType::Pdf, PDF) };
        let faults = check(&[file(AttachmentType::Png, PDF), bad], 0, "/attachments").unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        let expected = [
            ("/attachments/0/contentType", Code::AttachmentTypeDiffers),
            ("/attachments/1/content", Code::AttachmentNotBase64),
        ];
        assert_eq!(told, expected);
    }
}
