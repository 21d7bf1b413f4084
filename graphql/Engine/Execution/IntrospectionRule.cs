using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Introspection is exempt from the limits, so it gets the one it needs: the schema's own lists (the fields of types of fields …) may
/// be nested no more than three times. It may be switched off. The usual tools stay below that; a fourth level multiplies the answer without end.
/// </summary>
internal sealed class IntrospectionRule(IOptions<GraphQLOptions> options) : ValidationRuleBase
{
    private const int DeepestList = 3;

    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context)
    {
        if (RootFields(context.Operation).Any(field => IsTooDeep(context, field.SelectionSet, 0, [])))
            context.ReportError(new RefusedError(ErrorCodes.TooDeep, $"The introspection nests lists more than {DeepestList} times."));
        return new(options.Value.Introspection ? null : Refusing);
    }

    private static readonly MatchingNodeVisitor<GraphQLField> Refusing = new(
        (field, context) =>
        {
            if (field.Name.StringValue is "__schema" or "__type")
                context.ReportError(
                    new RefusedError(
                        ErrorCodes.IntrospectionOff,
                        "Introspection is switched off here (GraphQL:Introspection): schema.graphql tells the schema."
                    )
                );
        }
    );

    private static IEnumerable<GraphQLField> RootFields(GraphQLOperationDefinition operation) =>
        operation.SelectionSet.Selections.OfType<GraphQLField>().Where(field => field.Name.StringValue is "__schema" or "__type");

    private static bool IsTooDeep(ValidationContext context, GraphQLSelectionSet? selections, int lists, HashSet<(string, int)> seen) =>
        selections?.Selections.Any(selection =>
            selection switch
            {
                GraphQLField field => IsTooDeep(context, field, lists, seen),
                GraphQLInlineFragment inline => IsTooDeep(context, inline.SelectionSet, lists, seen),
                GraphQLFragmentSpread spread => IsTooDeep(context, spread, lists, seen),
                _ => false,
            }
        ) == true;

    private static bool IsTooDeep(ValidationContext context, GraphQLField field, int lists, HashSet<(string, int)> seen)
    {
        var here = field.Name.StringValue is "fields" or "interfaces" or "possibleTypes" or "inputFields" ? lists + 1 : lists;
        return here > DeepestList || IsTooDeep(context, field.SelectionSet, here, seen);
    }

    private static bool IsTooDeep(ValidationContext context, GraphQLFragmentSpread spread, int lists, HashSet<(string, int)> seen)
    {
        var name = spread.FragmentName.Name.StringValue;
        if (!seen.Add((name, lists)))
            return false; // no need to look twice, and there may be a cycle
        return IsTooDeep(context, FragmentOf(context, name)?.SelectionSet, lists, seen);
    }

    private static GraphQLFragmentDefinition? FragmentOf(ValidationContext context, string name) =>
        context
            .Document.Definitions.OfType<GraphQLFragmentDefinition>()
            .FirstOrDefault(fragment => fragment.FragmentName.Name.StringValue == name);
}
