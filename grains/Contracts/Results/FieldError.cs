namespace DeployCard.Contracts.Results;

/// <summary>An error in the input of a caller.</summary>
/// <param name="Field">
/// Path of the field in the caller's input, for example <c>configuration.pods</c>; empty if the error belongs to no field.
/// </param>
/// <param name="Code">Stable code for programs, one of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">Message for users that names the field, the allowed values and the given value.</param>
[GenerateSerializer, Alias("field-error"), Immutable]
public sealed record FieldError([property: Id(0)] string Field, [property: Id(1)] string Code, [property: Id(2)] string Message);
