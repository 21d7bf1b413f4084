namespace DeployCard.GraphQL;

/// <summary>
/// The public methods of this class are fields of the schema's <c>Subscription</c>: live streams, each a method that returns
/// <c>IAsyncEnumerable</c>. Any number of classes share the root, one for each noun. The class comes from the container, one
/// instance for each operation; it or its methods may also be static.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SubscriptionTypeAttribute : Attribute;
