namespace DeployCard.GraphQL.Nodes;

/// <summary>A thing that can be fetched again by its id, as Relay's Global Object Identification asks for.</summary>
[InterfaceType]
public interface INode
{
    /// <summary>Unique among all things; opaque.</summary>
    [ID]
    string Id { get; }
}
