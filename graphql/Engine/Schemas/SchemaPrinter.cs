using GraphQL;
using GraphQL.Types;
using GraphQL.Utilities;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <inheritdoc cref="ISchemaPrinter"/>
internal sealed class SchemaPrinter(ISchema schema) : ISchemaPrinter
{
    public string Print() => schema.Print(new PrintOptions { StringComparison = StringComparison.Ordinal });
}
