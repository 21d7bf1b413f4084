using System.Diagnostics.CodeAnalysis;
using GraphQL.Types;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>Base class of scalars that are written as strings.</summary>
internal abstract class StringScalar<T> : ScalarGraphType
    where T : notnull
{
    public override object? ParseLiteral(GraphQLValue value) =>
        value switch
        {
            GraphQLNullValue => null,
            GraphQLStringValue text when TryParse((string)text.Value, out var parsed) => parsed,
            _ => ThrowLiteralConversionError(value),
        };

    public override bool CanParseLiteral(GraphQLValue value) =>
        value is GraphQLNullValue || (value is GraphQLStringValue text && TryParse((string)text.Value, out _));

    public override object? ParseValue(object? value) =>
        value switch
        {
            null => null,
            T known => known,
            string text when TryParse(text, out var parsed) => parsed,
            _ => ThrowValueConversionError(value),
        };

    public override object? Serialize(object? value) =>
        value switch
        {
            null => null,
            T known => Write(known),
            _ => ThrowSerializationError(value),
        };

    protected abstract bool TryParse(string text, [NotNullWhen(true)] out T? value);

    protected abstract object Write(T value);
}
