using System.Globalization;
using System.Text.Json;
using GraphQL.Types;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>Scalar for any JSON value, <see cref="JsonElement"/> in C#.</summary>
internal sealed class AnyScalar : ScalarGraphType
{
    public AnyScalar()
    {
        Name = "Any";
        Description = "Any JSON value.";
    }

    public override bool CanParseLiteral(GraphQLValue value) => true;

    public override bool CanParseValue(object? value) => true;

    public override object? ParseLiteral(GraphQLValue value) =>
        value is GraphQLNullValue ? null : JsonSerializer.SerializeToElement(Plain(value));

    public override object? ParseValue(object? value) => value is null or JsonElement ? value : JsonSerializer.SerializeToElement(value);

    public override object? Serialize(object? value) => value;

    private static object? Plain(GraphQLValue value) =>
        value switch
        {
            GraphQLNullValue => null,
            GraphQLBooleanValue flag => flag.BoolValue,
            GraphQLStringValue text => (string)text.Value,
            GraphQLEnumValue name => name.Name.StringValue,
            GraphQLIntValue number => decimal.Parse((string)number.Value, CultureInfo.InvariantCulture),
            GraphQLFloatValue number => double.Parse((string)number.Value, CultureInfo.InvariantCulture),
            GraphQLListValue list => list.Values?.ConvertAll(Plain) ?? [],
            GraphQLObjectValue fields => fields.Fields?.ToDictionary(field => field.Name.StringValue, field => Plain(field.Value)) ?? [],
            _ => throw new NotSupportedException($"A literal of kind {value.Kind} is not a JSON value."),
        };
}
