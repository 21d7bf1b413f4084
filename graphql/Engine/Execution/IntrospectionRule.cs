using DeployCard.GraphQL.Engine.Errors;
using GraphQL.Validation;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Limits introspection, which is exempt from the depth and complexity limits, or rejects it if it is disabled. Lists of the schema (fields
/// of types of fields …) may be nested at most three levels deep. That is sufficient for common tools, and each further level multiplies
/// the size of the response.
/// </summary>
internal sealed class IntrospectionRule(IOptions<GraphQLOptions> options) : ValidationRuleBase
{
    private const int MaxDepth = 3;

    public override ValueTask<INodeVisitor?> GetPreNodeVisitorAsync(ValidationContext context)
    {
        if (RootFields(context.Operation).Any(field => IsTooDeep(context, field.SelectionSet, 0, [])))
            context.ReportError(new RejectionError(ErrorCodes.TooDeep, $"The introspection query nests lists more than {MaxDepth} times."));
        return new(options.Value.Introspection ? null : Rejecting);
    }

    private static readonly MatchingNodeVisitor<GraphQLField> Rejecting = new(
        (field, context) =>
        {
            if (field.Name.StringValue is "__schema" or "__type")
                context.ReportError(
                    new RejectionError(
                        ErrorCodes.IntrospectionDisabled,
                        "Introspection is disabled by GraphQL:Introspection; read schema.graphql for the schema."
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
        return here > MaxDepth || IsTooDeep(context, field.SelectionSet, here, seen);
    }

    private static bool IsTooDeep(ValidationContext context, GraphQLFragmentSpread spread, int lists, HashSet<(string, int)> seen)
    {
        var name = spread.FragmentName.Name.StringValue;
        if (!seen.Add((name, lists)))
            return false; // already visited at this depth; fragments may form a cycle
        return IsTooDeep(context, FragmentOf(context, name)?.SelectionSet, lists, seen);
    }

    private static GraphQLFragmentDefinition? FragmentOf(ValidationContext context, string name) =>
        context
            .Document.Definitions.OfType<GraphQLFragmentDefinition>()
            .FirstOrDefault(fragment => fragment.FragmentName.Name.StringValue == name);
}
