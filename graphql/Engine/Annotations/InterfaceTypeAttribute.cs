namespace DeployCard.GraphQL;

/// <summary>
/// The C# interface (or abstract class) is an interface of the schema, and every public class of the same assemblies that
/// implements it is one of its object types. A leading I is dropped: <c>INode</c> becomes <c>Node</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Class, Inherited = false)]
public sealed class InterfaceTypeAttribute : Attribute;
