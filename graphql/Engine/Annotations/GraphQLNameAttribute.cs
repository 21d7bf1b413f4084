namespace DeployCard.GraphQL;

/// <summary>Sets the schema name of a C# type, member or parameter if it differs from the default name.</summary>
/// <param name="name">Name in the schema, for example <c>cpuLimit</c>.</param>
[AttributeUsage(AttributeTargets.All)]
public sealed class GraphQLNameAttribute(string name) : Attribute
{
    /// <summary>The name in the schema.</summary>
    public string Name { get; } = name;
}
