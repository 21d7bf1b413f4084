namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>The schema as text, for a snapshot in the repository and for clients' generators.</summary>
public interface ISchemaPrinter
{
    /// <summary>The schema definition language, types and fields in alphabetical order, with descriptions.</summary>
    string Print();
}
