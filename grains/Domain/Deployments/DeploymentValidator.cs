using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Results;

namespace DeployCard.Domain.Deployments;

/// <summary>Checks the values that users set on a deployment. Each error names the field, the allowed values and the given value.</summary>
public static class DeploymentValidator
{
    /// <summary>Maximum length of a title in characters.</summary>
    public const int MaxTitleLength = 200;

    /// <summary>Returns all errors of a draft.</summary>
    public static IReadOnlyList<FieldError> Validate(DeploymentDraft draft) =>
        [.. Title(draft.Title), .. Image(draft.Image), .. ConfigurationField.Validate(draft.Configuration)];

    /// <summary>Returns all errors of a change.</summary>
    public static IReadOnlyList<FieldError> Validate(DeploymentChange change) =>
        [
            .. Title(change.Title),
            .. change.Image is null ? [] : Image(change.Image),
            .. change.Configuration is null ? [] : ConfigurationField.Validate(change.Configuration),
        ];

    private static IEnumerable<FieldError> Title(string? title) =>
        title is { Length: > MaxTitleLength } ? [Invalid("title", $"up to {MaxTitleLength} characters", $"{title.Length} characters")] : [];

    private static IEnumerable<FieldError> Image(string image) =>
        image.Length is 0 or > 255 ? [Invalid("image", "1 to 255 characters", $"{image.Length} characters")] : [];

    private static FieldError Invalid(string field, string allowed, string given) =>
        new(field, ErrorCodes.InvalidInput, $"{field} must be {allowed}; got {given}.");
}
