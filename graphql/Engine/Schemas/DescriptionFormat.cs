using GraphQL.Types;
using GraphQL.Utilities;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>
/// Joins the lines of each description to one paragraph. The library copies descriptions from XML documentation with the line breaks and
/// the indentation of the source.
/// </summary>
internal sealed class DescriptionFormat : BaseSchemaNodeVisitor
{
    public override void VisitObject(IObjectGraphType type, ISchema schema) => type.Description = OneParagraph(type.Description);

    public override void VisitObjectFieldDefinition(FieldType field, IObjectGraphType type, ISchema schema) =>
        field.Description = OneParagraph(field.Description);

    public override void VisitObjectFieldArgumentDefinition(
        QueryArgument argument,
        FieldType field,
        IObjectGraphType type,
        ISchema schema
    ) => argument.Description = OneParagraph(argument.Description);

    public override void VisitInterface(IInterfaceGraphType type, ISchema schema) => type.Description = OneParagraph(type.Description);

    public override void VisitInterfaceFieldDefinition(FieldType field, IInterfaceGraphType type, ISchema schema) =>
        field.Description = OneParagraph(field.Description);

    public override void VisitInputObject(IInputObjectGraphType type, ISchema schema) => type.Description = OneParagraph(type.Description);

    public override void VisitInputObjectFieldDefinition(FieldType field, IInputObjectGraphType type, ISchema schema) =>
        field.Description = OneParagraph(field.Description);

    public override void VisitEnum(EnumerationGraphType type, ISchema schema) => type.Description = OneParagraph(type.Description);

    public override void VisitEnumValue(EnumValueDefinition value, EnumerationGraphType type, ISchema schema) =>
        value.Description = OneParagraph(value.Description);

    private static string? OneParagraph(string? text) =>
        text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
