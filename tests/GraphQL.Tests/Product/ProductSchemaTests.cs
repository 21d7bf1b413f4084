using DeployCard.Tests.Support;
using GraphQLParser;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Tests the published schema, <c>graphql/schema.graphql</c>, which frontends depend on.</summary>
public sealed class ProductSchemaTests
{
    [Fact]
    public async Task Schema_file_matches_the_served_schema()
    {
        Snapshot.ShouldMatch("graphql/schema.graphql", await ProductSchema.Print(), "Frontends are built on this schema.");
    }

    [Fact]
    public async Task Every_schema_element_has_a_description() => Undescribed(await ProductSchema.Print()).ShouldBeEmpty();

    [Fact]
    public void Elements_without_a_description_are_found() =>
        Undescribed(
                """
                type A { f(a: Int): Int }
                input I { g: Int }
                enum E { V }
                scalar S
                """
            )
            .ShouldBe(["A", "A.f", "A.f(a)", "I", "I.g", "E", "E.V", "S"]);

    [Fact]
    public async Task Names_and_descriptions_are_well_formed()
    {
        var printed = await ProductSchema.Print();
        var enums = Parser.Parse(printed).Definitions.OfType<GraphQLEnumTypeDefinition>().ToList();

        enums.ShouldNotBeEmpty();
        enums.SelectMany(e => e.Values!).Select(value => value.Name.StringValue).Where(name => name.Any(char.IsLower)).ShouldBeEmpty();
        // Traces of removed XML tags and of line breaks.
        foreach (var trace in new[] { " ,", " .", "  ", "\n", "<" })
            Descriptions(printed).ShouldAllBe(text => !text.Contains(trace));
        printed.ShouldNotContain("CancellationToken");
    }

    private static IEnumerable<string> Descriptions(string schema) => Described(schema).Select(d => d.Description).OfType<string>();

    private static List<string> Undescribed(string schema) =>
        [.. Described(schema).Where(d => string.IsNullOrWhiteSpace(d.Description)).Select(d => d.Name)];

    private static IEnumerable<(string Name, string? Description)> Described(string schema)
    {
        foreach (var type in Parser.Parse(schema).Definitions.OfType<GraphQLTypeDefinition>())
        {
            yield return Of(type.Name.StringValue, type);
            foreach (var field in (type as IHasFieldsDefinitionNode)?.Fields?.Items ?? [])
            {
                yield return Of($"{type.Name}.{field.Name}", field);
                foreach (var argument in field.Arguments?.Items ?? [])
                    yield return Of($"{type.Name}.{field.Name}({argument.Name})", argument);
            }

            foreach (var field in (type as GraphQLInputObjectTypeDefinition)?.Fields?.Items ?? [])
                yield return Of($"{type.Name}.{field.Name}", field);
            foreach (var value in (type as GraphQLEnumTypeDefinition)?.Values?.Items ?? [])
                yield return Of($"{type.Name}.{value.Name}", value);
        }
    }

    private static (string Name, string? Description) Of(string name, IHasDescriptionNode node) =>
        (name, node.Description?.Value.ToString());
}
