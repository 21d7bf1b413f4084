namespace DeployCard.Contracts.Configuration;

/// <summary>
/// Rule for the values of a field of <see cref="DeploymentConfiguration"/>. The APIs, the documentation and the validation read it, so that
/// a range is written once.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class FieldRuleAttribute : Attribute
{
    /// <summary>Kind of value, from which a form derives its input element.</summary>
    public abstract FieldKind Kind { get; }

    /// <summary>Meaning of the value 0, for example <c>unlimited</c>; null if 0 has no special meaning.</summary>
    public string? Zero { get; init; }

    /// <summary>Unit of the values, for example <c>cores</c>; null if they have none.</summary>
    public string? Unit { get; init; }

    /// <summary>Description of the allowed values, as it follows "must be" in an error message.</summary>
    public abstract string Allowed { get; }

    /// <summary>Minimum as text, in the format of the GraphQL type; null if the kind has none.</summary>
    public virtual string? Minimum => null;

    /// <summary>Maximum as text, in the format of the GraphQL type; null if the kind has none.</summary>
    public virtual string? Maximum => null;

    /// <summary>Returns the problems of a value that a user gave, at most 10 of each kind; empty if it is allowed.</summary>
    public abstract IEnumerable<FieldProblem> Check(object value);

    /// <summary>Returns the value that the configuration stores for an allowed value that a user gave.</summary>
    public virtual object? ToStored(object value) => value;

    /// <summary>Returns the text of a stored value for users, for example <c>5 min</c> or <c>unlimited</c>.</summary>
    public virtual string Describe(object? stored) => $"{stored}";
}

/// <summary>Kind of value of a configuration field.</summary>
public enum FieldKind
{
    /// <summary>A number without decimals, 32 bits.</summary>
    WholeNumber,

    /// <summary>A number with decimals.</summary>
    Number,

    /// <summary>A whole number of bytes.</summary>
    Bytes,

    /// <summary>A duration, at least 0.</summary>
    Duration,

    /// <summary>A range of pods, <c>min-max</c>.</summary>
    PodsRange,

    /// <summary>A list of texts.</summary>
    TextList,

    /// <summary>A list of names, each with a value.</summary>
    NameValueList,
}

/// <summary>A value that a rule does not allow.</summary>
/// <param name="Allowed">Description of the allowed values.</param>
/// <param name="Given">The given value, shortened.</param>
public readonly record struct FieldProblem(string Allowed, string Given);
