import JSON
import LambdaEvents

/// A mail that SES has received, without its text.
///
/// Source: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html
public struct SESEvent: Sendable {
    public let mails: [Mail]

    public init(json: JSONValue) throws(EventDecodingError) {
        var mails: [Mail] = []
        for record in try FieldDecoder(json).objects("Records") { mails.append(try Mail(record)) }
        self.mails = mails
    }

    public struct Mail: Sendable {
        public let messageID: String
        /// Who the envelope says has sent it.
        public let source: String
        /// ISO 8601 with milliseconds.
        public let timestamp: String
        public let subject: String
        /// As the mail's own header names them.
        public let from: [String]
        public let to: [String]
        /// The recipients that the receipt rule matched.
        public let recipients: [String]
        /// `PASS`, `FAIL`, `GRAY` or `PROCESSING_FAILED`, by check: `spam`, `virus`, `spf`, `dkim`, `dmarc`.
        public let verdicts: [String: String]

        init(_ record: FieldDecoder) throws(EventDecodingError) {
            let ses = try record.nested("ses")
            let mail = try ses.nested("mail")
            let receipt = try ses.nested("receipt")
            let headers = try mail.optional("commonHeaders")
            messageID = try mail.requiredString("messageId")
            source = try mail.string("source") ?? ""
            timestamp = try mail.string("timestamp") ?? ""
            subject = try headers?.string("subject") ?? ""
            from = try headers?.strings("from") ?? []
            to = try headers?.strings("to") ?? []
            recipients = try receipt.strings("recipients")
            var verdicts: [String: String] = [:]
            for check in ["spam", "virus", "spf", "dkim", "dmarc"] {
                verdicts[check] = try receipt.optional("\(check)Verdict")?.string("status")
            }
            self.verdicts = verdicts
        }
    }
}
