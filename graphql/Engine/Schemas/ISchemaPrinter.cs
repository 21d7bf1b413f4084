namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Prints the schema as text, for the snapshot in the repository and for client code generators.</summary>
public interface ISchemaPrinter
{
    /// <summary>Returns the schema in the schema definition language, with descriptions, types and fields in alphabetical order.</summary>
    string Print();
}
