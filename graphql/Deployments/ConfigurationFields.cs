using System.Reflection;
using DeployCard.Contracts.Configuration;
using DeployCard.GraphQL;
using DeployCard.GraphQL.Deployments;
using DeployCard.GraphQL.Engine.Schemas;

[assembly: SchemaType(typeof(DeploymentConfiguration), "Configuration")]
[assembly: FieldDescriber(typeof(ConfigurationDescriber))]

namespace DeployCard.GraphQL.Deployments;

/// <summary>
/// Describes the fields of the configuration from their only definition, <see cref="ConfigurationField"/>: summary, meaning of 0, and for
/// inputs the range and the default.
/// </summary>
internal sealed class ConfigurationDescriber : IFieldDescriber
{
    /// <inheritdoc/>
    public string? Describe(MemberInfo member, bool isInput, Func<MemberInfo, string?> summarize)
    {
        if (
            (member.DeclaringType != typeof(DeploymentConfiguration) && member.DeclaringType != typeof(ConfigurationInput))
            || ConfigurationField.Find(member.Name) is not { } field
        )
            return null;
        var summary = summarize(field.Property);
        return isInput ? $"{summary} Allowed: {field.Rule.Allowed}. Default: {field.Default}."
            : field.Rule.Zero is null ? summary
            : $"{summary} {(IsNullable(field) ? "Null" : "0")} means {field.Rule.Zero}.";
    }

    private static bool IsNullable(ConfigurationField field) => Nullable.GetUnderlyingType(field.Property.PropertyType) is not null;
}

/// <summary>Definition of a field of the configuration, for forms and programs that set it.</summary>
[GraphQLName("ConfigurationField")]
public sealed class ConfigurationFieldInfo
{
    private readonly ConfigurationField definition;

    internal ConfigurationFieldInfo(ConfigurationField definition) => this.definition = definition;

    /// <summary>Name of the field in <c>Configuration</c> and <c>ConfigurationInput</c>.</summary>
    public string Name => definition.Name;

    /// <summary>Kind of value that the field has.</summary>
    public FieldKind Kind => definition.Rule.Kind;

    /// <summary>Description of the field for users.</summary>
    public string Description => AssemblyAnnotations.Summarize(definition.Property) ?? "";

    /// <summary>Unit of the values, for example <c>cores</c>; null if they have none.</summary>
    public string? Unit => definition.Rule.Unit;

    /// <summary>Minimum as a number or an ISO 8601 duration; null if the kind of value has none.</summary>
    public string? Minimum => definition.Rule.Minimum;

    /// <summary>Maximum as a number or an ISO 8601 duration; null if the kind of value has none.</summary>
    public string? Maximum => definition.Rule.Maximum;

    /// <summary>Meaning of the value 0, which is then allowed in addition; null if 0 has no special meaning.</summary>
    public string? ZeroMeaning => definition.Rule.Zero;

    /// <summary>Description of the allowed values.</summary>
    public string Allowed => definition.Rule.Allowed;

    /// <summary>Default value for users, for example <c>5 min</c> or <c>unlimited</c>. An image can suggest another.</summary>
    public string DefaultText => definition.Default;
}

/// <summary>Queries that read the definition of the configuration.</summary>
[QueryType]
public sealed class ConfigurationQueries
{
    private readonly IReadOnlyList<ConfigurationFieldInfo> fields =
    [
        .. ConfigurationField.All.Select(definition => new ConfigurationFieldInfo(definition)),
    ];

    /// <summary>Returns the definitions of all configuration fields.</summary>
    public IReadOnlyList<ConfigurationFieldInfo> ConfigurationFields() => fields;
}
