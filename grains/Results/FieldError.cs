namespace DeployCard.Grains.Results;

/// <summary>What is wrong with something that a caller asked for.</summary>
/// <param name="Field">The path of the field in the caller's input, as in <c>configuration.pods</c>; empty when it is no field's fault.</param>
/// <param name="Code">A stable code for programs, one of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">A sentence for people: the thing, what is allowed, what was given.</param>
[GenerateSerializer, Alias("field-error"), Immutable]
public sealed record FieldError([property: Id(0)] string Field, [property: Id(1)] string Code, [property: Id(2)] string Message);
