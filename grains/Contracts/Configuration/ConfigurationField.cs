using System.Reflection;
using DeployCard.Contracts.Results;

namespace DeployCard.Contracts.Configuration;

/// <summary>
/// A field of the configuration of deployments. Its definition is the property of <see cref="DeploymentConfiguration"/>: name, type,
/// default, description and <see cref="FieldRuleAttribute"/>. The property of the same name in <see cref="ConfigurationInput"/> is the
/// value that a user gives.
/// </summary>
public sealed class ConfigurationField
{
    private static readonly DeploymentConfiguration Defaults = new();

    private readonly PropertyInfo given;

    private ConfigurationField(PropertyInfo property)
    {
        Property = property;
        Rule = property.GetCustomAttribute<FieldRuleAttribute>()!;
        given =
            typeof(ConfigurationInput).GetProperty(property.Name)
            ?? throw new MissingMemberException(nameof(ConfigurationInput), property.Name);
    }

    /// <summary>All fields, in the order of their declaration.</summary>
    public static IReadOnlyList<ConfigurationField> All { get; } =
    [
        .. typeof(DeploymentConfiguration)
            .GetProperties()
            .Where(property => property.IsDefined(typeof(FieldRuleAttribute)))
            .Select(property => new ConfigurationField(property)),
    ];

    /// <summary>Property of <see cref="DeploymentConfiguration"/> that defines the field.</summary>
    public PropertyInfo Property { get; }

    /// <summary>Rule for the values.</summary>
    public FieldRuleAttribute Rule { get; }

    /// <summary>Name of the field in the APIs, in camel case.</summary>
    public string Name => char.ToLowerInvariant(Property.Name[0]) + Property.Name[1..];

    /// <summary>Default value for users, for example <c>5 min</c> or <c>unlimited</c>.</summary>
    public string Default => Rule.Describe(Property.GetValue(Defaults));

    /// <summary>Returns the field of a property's name; null if it is no field.</summary>
    public static ConfigurationField? Find(string propertyName) => All.FirstOrDefault(field => field.Property.Name == propertyName);

    /// <summary>Sets the value of this field in an input that is being built.</summary>
    public void SetGiven(ConfigurationInput input, object value) => given.SetValue(input, value);

    /// <summary>Returns the errors of all values that a user gave, each with the field, the allowed and the given value.</summary>
    public static IEnumerable<FieldError> Validate(ConfigurationInput input) =>
        from field in All
        where field.given.GetValue(input) is not null
        from problem in field.Rule.Check(field.given.GetValue(input)!)
        let name = $"configuration.{field.Name}"
        select new FieldError(name, ErrorCodes.InvalidInput, $"{name} must be {problem.Allowed}; got {problem.Given}.");

    /// <summary>Returns <paramref name="present"/> with the values that a user gave, which must be valid.</summary>
    public static DeploymentConfiguration Apply(ConfigurationInput input, DeploymentConfiguration present)
    {
        var result = present with { };
        foreach (var field in All)
        {
            if (field.given.GetValue(input) is { } value)
                field.Property.SetValue(result, field.ToStored(value));
        }

        return result;
    }

    // A nullable number stores "unlimited" as null.
    private object? ToStored(object value) =>
        Nullable.GetUnderlyingType(Property.PropertyType) is not null && value is 0L or 0.0 ? null : Rule.ToStored(value);
}
