import AWSProtocol
import Expressions

/// `StreamSpecification` of a request.
struct StreamInput: Sendable {
    static let viewTypes = ["OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE"]

    let isEnabled: Bool?
    let viewType: String?

    init?(_ input: InputReader) throws(ValidationError) {
        guard let reader = try input.structure("StreamSpecification", "StreamSpecification") else {
            return nil
        }
        isEnabled = try reader.bool("StreamEnabled")
        viewType = try reader.string("StreamViewType")
    }

    func constrain(_ constraints: inout Constraints) {
        constraints.notNull(isEnabled != nil, at: "streamSpecification.streamEnabled")
        constraints.member(viewType, of: Self.viewTypes, at: "streamSpecification.streamViewType")
    }

    /// For a table that exists.
    func check() throws {
        if isEnabled == true, viewType == nil {
            throw TableErrors.invalidParameter("If stream is being enabled then UpdateViewType is required")
        }
        if isEnabled == false, viewType != nil {
            throw TableErrors.invalidParameter(
                "If stream is being disabled, then UpdateViewType must not be specified")
        }
    }

    /// For a table that is being made.
    func checkCreation() throws {
        if isEnabled == true, viewType == nil {
            throw TableErrors.invalidParameter(
                "Table is being created with a stream enabled, UpdateViewType is required")
        }
        if isEnabled == false, viewType != nil {
            throw TableErrors.invalidParameter(
                "Table is being created with a stream disabled, UpdateViewType should not be specified")
        }
    }
}
