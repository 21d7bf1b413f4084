using GraphQLParser;
using GraphQLParser.AST;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>What frontends build on: <c>graphql/schema.graphql</c>.</summary>
public sealed class ProductSchemaTests
{
    [Fact]
    public async Task The_schema_in_the_repository_is_the_one_that_is_served()
    {
        var served = (await ProductSchema.Print()).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") == "1")
            await File.WriteAllTextAsync(SchemaFile, served, TestContext.Current.CancellationToken);

        var kept = File.Exists(SchemaFile) ? await File.ReadAllTextAsync(SchemaFile, TestContext.Current.CancellationToken) : "";

        kept.ShouldBe(
            served,
            "Look at what the change means for frontends, then write it to graphql/schema.graphql by running this test with UPDATE_SCHEMA=1."
        );
    }

    [Fact]
    public async Task Everything_has_a_description() => Undescribed(await ProductSchema.Print()).ShouldBeEmpty();

    [Fact]
    public void What_has_none_is_found() =>
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
    public async Task Names_and_descriptions_have_one_form()
    {
        var printed = await ProductSchema.Print();
        var enums = Parser.Parse(printed).Definitions.OfType<GraphQLEnumTypeDefinition>().ToList();

        enums.ShouldNotBeEmpty();
        enums.SelectMany(e => e.Values!).Select(value => value.Name.StringValue).Where(name => name.Any(char.IsLower)).ShouldBeEmpty();
        // The traces of documentation that was cut out or broken in the middle.
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

    private static string SchemaFile
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "Orleans.sln")))
                root = root.Parent!;
            return Path.Combine(root.FullName, "graphql", "schema.graphql");
        }
    }
}
