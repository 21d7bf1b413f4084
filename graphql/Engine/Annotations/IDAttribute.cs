namespace DeployCard.GraphQL;

/// <summary>Marks a value as an opaque identifier, <c>ID</c> in the schema.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Method)]
public sealed class IDAttribute : Attribute;
