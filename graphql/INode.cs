namespace DeployCard.GraphQL;

/// <summary>An object that clients can fetch again by its id, as specified by Relay's Global Object Identification.</summary>
[InterfaceType]
public interface INode
{
    /// <summary>Opaque id, unique among all objects.</summary>
    [ID]
    string Id { get; }
}
