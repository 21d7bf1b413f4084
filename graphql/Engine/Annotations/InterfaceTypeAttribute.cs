namespace DeployCard.GraphQL;

/// <summary>
/// Marks a C# interface or abstract class as an interface of the schema. Every class of the resolver assemblies that implements it becomes
/// one of its object types. A leading I is dropped: <c>INode</c> becomes <c>Node</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Class, Inherited = false)]
public sealed class InterfaceTypeAttribute : Attribute;
