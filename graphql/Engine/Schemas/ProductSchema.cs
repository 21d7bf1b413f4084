using System.Text.Json;
using DeployCard.GraphQL.Engine.Scalars;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>The schema with the fields of all resolver classes under their root types.</summary>
internal sealed class ProductSchema : Schema
{
    private readonly IServiceProviderIsService services;

    public ProductSchema(IServiceProvider provider, IServiceProviderIsService services, ResolverCatalog catalog)
        : base(provider)
    {
        this.services = services;
        Features.DeprecationOfInputValues = true;
        Features.RepeatableDirectives = true;
        RegisterTypeMapping(typeof(long), typeof(LongScalar));
        RegisterTypeMapping(typeof(DateTimeOffset), typeof(DateTimeScalar));
        RegisterTypeMapping(typeof(TimeSpan), typeof(DurationScalar));
        RegisterTypeMapping(typeof(Uri), typeof(UriScalar));
        RegisterTypeMapping(typeof(JsonElement), typeof(AnyScalar));
        Query = Merge("Query", "Queries, which read data.", catalog.Queries) ?? throw NoQuery();
        Mutation = Merge("Mutation", "Mutations, which change data. The mutations of one operation run in sequence.", catalog.Mutations);
        Subscription = Merge("Subscription", "Subscriptions, which stream changes.", catalog.Subscriptions);
        foreach (var type in catalog.Implementers)
            RegisterType(typeof(OutputType<>).MakeGenericType(type));
        RegisterVisitor(new DescriptionFormat());
    }

    private ObjectGraphType? Merge(string name, string description, IReadOnlyList<Type> resolvers)
    {
        if (resolvers.Count == 0)
            return null;
        var root = new ObjectGraphType { Name = name, Description = description };
        foreach (var (field, resolver) in resolvers.SelectMany(resolver => FieldsOf(resolver), (resolver, field) => (field, resolver)))
            Add(root, field, resolver);
        return root;
    }

    private TypeFields FieldsOf(Type resolver) =>
        ((IObjectGraphType)Activator.CreateInstance(typeof(ResolverType<>).MakeGenericType(resolver), services)!).Fields;

    private static void Add(ObjectGraphType root, FieldType field, Type resolver)
    {
        if (root.HasField(field.Name))
            throw new InvalidOperationException(
                $"{resolver.FullName} adds the field {field.Name} to {root.Name}, which already has that field; rename one of them."
            );
        root.AddField(field);
    }

    private static InvalidOperationException NoQuery() =>
        new("The schema has no query; mark a class with [QueryType] and pass its assembly to AddDeployCardGraphQL.");
}
