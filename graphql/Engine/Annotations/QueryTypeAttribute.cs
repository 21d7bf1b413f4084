namespace DeployCard.GraphQL;

/// <summary>
/// Adds the public methods of a class to the schema's <c>Query</c> root. Any number of classes can share the root, usually one per feature.
/// The container creates one instance of the class per operation; the class or its methods may also be static.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class QueryTypeAttribute : Attribute;
