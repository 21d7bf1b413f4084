namespace DeployCard.GraphQL;

/// <summary>
/// Adds the public methods of a class to the schema's <c>Mutation</c> root. The mutations of one request run one after the other. Any
/// number of classes can share the root, usually one per feature. The container creates one instance of the class per operation; the class
/// or its methods may also be static.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MutationTypeAttribute : Attribute;
