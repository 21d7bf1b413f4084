namespace DeployCard.GraphQL;

/// <summary>
/// Adds the public methods of a class to the schema's <c>Subscription</c> root. Each method returns an <c>IAsyncEnumerable</c>. Any number
/// of classes can share the root, usually one per feature. The container creates one instance of the class per operation; the class or its
/// methods may also be static.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SubscriptionTypeAttribute : Attribute;
