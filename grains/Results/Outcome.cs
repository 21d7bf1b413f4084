using System.Diagnostics.CodeAnalysis;

namespace DeployCard.Grains.Results;

/// <summary>What came of a request: its value, or why there is none.</summary>
/// <typeparam name="T">What succeeds.</typeparam>
[GenerateSerializer, Alias("outcome`1"), Immutable]
public sealed record Outcome<T>
    where T : class
{
    private Outcome(T? value, IReadOnlyList<FieldError> errors) => (Value, Errors) = (value, errors);

    /// <summary>The value; null when there are errors.</summary>
    [Id(0)]
    public T? Value { get; }

    /// <summary>Why there is none; empty when there is one.</summary>
    [Id(1)]
    public IReadOnlyList<FieldError> Errors { get; }

    /// <summary>Whether it succeeded.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool Succeeded => Value is not null;

    /// <summary>A success.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, []);

    /// <summary>A failure with one reason.</summary>
    public static implicit operator Outcome<T>(FieldError error) => new(null, [error]);

    /// <summary>A failure with its reasons, at least one.</summary>
    public static Outcome<T> Failed(IReadOnlyList<FieldError> errors) => new(null, errors);
}
