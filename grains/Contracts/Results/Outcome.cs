using System.Diagnostics.CodeAnalysis;

namespace DeployCard.Contracts.Results;

/// <summary>Result of an operation: either a value or the errors.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
[GenerateSerializer, Alias("outcome`1"), Immutable]
public sealed record Outcome<T>
    where T : class
{
    private Outcome(T? value, IReadOnlyList<FieldError> errors) => (Value, Errors) = (value, errors);

    /// <summary>Value of a successful operation; null if there are errors.</summary>
    [Id(0)]
    public T? Value { get; }

    /// <summary>Errors of a failed operation; empty if there is a value.</summary>
    [Id(1)]
    public IReadOnlyList<FieldError> Errors { get; }

    /// <summary>Whether the operation succeeded.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool Succeeded => Value is not null;

    /// <summary>Creates a successful result.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, []);

    /// <summary>Creates a failed result with one error.</summary>
    public static implicit operator Outcome<T>(FieldError error) => new(null, [error]);

    /// <summary>Creates a failed result with one or more errors.</summary>
    public static Outcome<T> Failed(IReadOnlyList<FieldError> errors) => new(null, errors);
}
