namespace DeployCard.GraphQL;

/// <summary>The name in the schema, where it is not the one of the C# type, member or parameter.</summary>
/// <param name="name">As it stands in the schema, for example <c>cpuLimit</c>.</param>
[AttributeUsage(AttributeTargets.All)]
public sealed class GraphQLNameAttribute(string name) : Attribute
{
    /// <summary>As it stands in the schema.</summary>
    public string Name { get; } = name;
}
